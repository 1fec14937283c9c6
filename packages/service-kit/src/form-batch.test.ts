import { refuse } from "@shouwang/contract";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { businessNow } from "./clock.ts";
import { type Database, openDatabase } from "./database.ts";
import { findFile } from "./file.ts";
import { type DraftedForm, formBatchJob } from "./form-batch.ts";
import { requestJob } from "./job.ts";
import { type Keys, loadKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { textOf } from "./testing/photograph.testing.ts";
import { noNats, type WardDatabase, wardDatabase, wardEnvironment } from "./testing/ward.testing.ts";

type Db = Record<never, never>;
let database: WardDatabase;
let db: Database<Db>;
let keys: Keys;
const actor = system("test");
const region = "451228100003";
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
  keys = await loadKeys(wardEnvironment(database, noNats)["KEYS_FILE"] ?? "");
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const drafted = (id: string): DraftedForm => ({
  form: { kind: "test", layout: 1, entity: "thing", entityId: id, region, facts: { id }, clear: false, purpose: "测试打印" },
  paper: { title: "测试表", place: `第${id}户`, parts: [{ part: "text", text: "核对" }], signers: ["户主"], foot: "打印" },
});
const batch = (ids: readonly string[], fileForms: number) =>
  formBatchJob<Db>({
    kind: "print-test-forms",
    fileForms,
    list: async () => ids,
    draft: async (id) => (id === "3" ? refuse("not-found") : drafted(id)),
    file: () => ({ name: "测试", title: "测试表", about: { region, purpose: "测试打印" } }),
  });

test("more forms than a file holds are several files; a chunk that is lost is done again, and no form is printed twice", async () => {
  const job = batch(["1", "2", "3", "4", "5", "6"], 2);
  const jobId = await db.withTx(actor, (tx) => requestJob(tx, actor, { kind: job.kind, region, input: {} }));
  const lost = new Error("lost");
  const chunk = async (checkpoint: unknown, lose: boolean) =>
    await db.withTx(actor, async (tx) => {
      const now = await businessNow(tx);
      const done = await job.run({ tx, keys, jobId, region, input: {}, checkpoint, actor, now, totals: {} });
      if (lose) throw lost;
      return done;
    });
  const totals: Record<string, number> = {};
  for (let checkpoint: unknown; ; ) {
    await expect(chunk(checkpoint, true)).rejects.toThrow(lost);
    const done = await chunk(checkpoint, false);
    for (const [name, n] of Object.entries(done.totals)) totals[name] = (totals[name] ?? 0) + n;
    // As it is kept between two chunks.
    checkpoint = done.next === undefined ? undefined : JSON.parse(JSON.stringify(done.next));
    if (checkpoint !== undefined) continue;
    expect(totals).toEqual({ asked: 6, printed: 5, notPrinted: 1, files: 3 });
    const result = z.object({ files: z.array(z.string()), printed: z.int(), notPrinted: z.unknown() }).parse(done.result);
    expect(result).toMatchObject({ printed: 5, notPrinted: [{ id: "3", code: "not-found" }] });
    const texts = await db.withTx(actor, async (tx) => {
      const found = [];
      for (const id of result.files) found.push(await textOf((await findFile(tx, keys, id))?.content ?? Buffer.alloc(0)));
      return found;
    });
    expect(texts.map((text) => text.match(/第\d户/g))).toEqual([["第1户", "第2户"], ["第4户", "第5户"], ["第6户"]]);
    break;
  }
  const forms = await database.rows("select entity_id from kit.form f join kit.file p on p.id = f.paper_file order by code");
  expect(forms.map((form) => form["entity_id"]).sort()).toEqual(["1", "2", "4", "5", "6"]);
  expect(await database.rows("select from kit.export_part")).toEqual([]);
});

test("nothing to print is no file", async () => {
  const now = new Date();
  await db.withTx(actor, async (tx) => {
    const given = { tx, keys, jobId: uuidv7(), region, input: {}, actor, now, totals: {} };
    const { next } = await batch([], 2).run({ ...given, checkpoint: undefined });
    expect((await batch([], 2).run({ ...given, checkpoint: next })).result).toEqual({ files: [], printed: 0, notPrinted: [] });
  });
});
