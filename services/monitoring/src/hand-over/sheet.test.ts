import { randomUUID } from "node:crypto";
import { readSheet } from "@shouwang/service-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const header = "户编号,岗位,接手人登录名,原责任人登录名,姓名,单位,电话";
const send = async (lines: readonly string[], more: Record<string, string> = {}) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  form.set("file", new File([lines.join("\n")], "调整.csv"));
  const reply = await office
    .as("township-officer", township)
    .send("/reassignment-sheets", { method: "POST", headers: { "idempotency-key": randomUUID() }, body: form });
  return { status: reply.status, json: Object(await reply.json()) };
};
const helped = async (householdNo: string, ...subjects: string[]) => {
  const householdId = await registerCouple(office, { householdNo });
  const { caseId } = await includedCase(office, "2022-08-14", { householdId });
  for (const subject of subjects) await assignedHelper(office, caseId, "2022-08-15", subject);
  return { householdId, caseId };
};

describe("a sheet of changes of helpers and grid workers", () => {
  test("is tried out, then done: the good lines hold, the bad ones come back with their reasons", async () => {
    const { caseId } = await helped("H1", "leaver");
    await helped("H2", "leaver", "second");
    const { householdId } = await helped("H3", "taker");
    await registerCouple(office, { householdNo: "H4" });
    await office.as("village-officer", village).post("/grid-assignments", { subject: "grid-1", householdIds: [householdId] });
    const other = await registerCouple(office);
    await office.as("village-officer", village).post("/grid-assignments", { subject: "grid-2", householdIds: [other] });
    for (const _ of [1, 2]) await registerCouple(office, { householdNo: "H5" });
    const who = "覃建国,县水利局,13800138001";
    const lines = [
      header,
      `H1,帮扶责任人,taker,,${who}`,
      `H2,帮扶责任人,taker,,${who}`,
      `H3,帮扶责任人,taker,,${who}`,
      "H3,网格员,grid-2,,,,",
      "H3,网格员,stranger,,,,",
      `H4,帮扶责任人,taker,,${who}`,
      "H5,网格员,grid-2,,,,",
      "H9,网格员,grid-2,,,,",
      "H1,村长,taker,,,,",
    ];
    const counts = { rows: 9, moved: 2, unchanged: 1, refused: 6 };
    const before = (await office.outbox()).length;
    const tried = await send(lines, { dryRun: "true" });
    expect([tried.status, tried.json]).toEqual([200, { ...counts, dryRun: true, errorFileId: expect.any(String) }]);
    expect((await office.outbox()).length).toBe(before);
    const helpers = async () =>
      Object((await office.as("township-officer", township).get(`/monitored-cases/${caseId}/helpers`)).json).items;
    expect(await helpers()).toHaveLength(1);

    const done = await send(lines);
    expect(done.json).toEqual({ ...counts, dryRun: false, errorFileId: expect.any(String) });
    expect((await helpers()).map(({ until }: { until: string | null }) => until)).toEqual(["2022-08-15", null]);
    const types = (await office.outbox()).slice(before).map(({ type }) => type);
    expect(types).toEqual(["monitoring.helper.released.v1", "monitoring.helper.assigned.v1"]);

    const file = await office.as("township-officer", township).send(`/files/${done.json.errorFileId}`, {});
    const sheet = await readSheet(Buffer.from(await file.arrayBuffer()), {
      columns: [
        { key: "household", titles: ["户编号"] },
        { key: "why", titles: ["问题"] },
        { key: "line", titles: ["原行号"] },
      ],
    });
    if (!sheet.ok) throw new Error(sheet.en);
    const back = [];
    for await (const { cells } of sheet.rows) back.push(`${cells.line} ${cells.household} ${cells.why}`);
    expect(back).toEqual([
      expect.stringMatching(/^3 H2 .*多名/),
      expect.stringMatching(/^6 H3 .*网格员/),
      expect.stringMatching(/^7 H4 .*没有/),
      expect.stringMatching(/^8 H5 .*同号/),
      expect.stringMatching(/^9 H9 .*没有/),
      expect.stringMatching(/^10 H1 .*岗位/),
    ]);
    // Sent once more, nothing is left to do for the good lines.
    expect((await send(lines)).json).toMatchObject({ moved: 0, unchanged: 3, refused: 6 });
  });

  test.each([
    ["no column of households", ["岗位,接手人", "网格员,x"], "list-columns-missing"],
    ["more lines than one sheet may have", [header, ...Array(501).fill("H9,网格员,x,,,,")], "list-unreadable"],
  ])("is refused with %s", async (_, lines, code) => {
    expect((await send(lines)).json.code).toBe(code);
  });
});
