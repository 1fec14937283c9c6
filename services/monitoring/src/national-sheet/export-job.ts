import { buffer } from "node:stream/consumers";
import { businessDate, listKeptUntil, putFile, type WriteRow, writeWorkbook, xlsx } from "@shouwang/service-kit";
import { z } from "zod";
import { nameOf } from "../focus-household/views.ts";
import { job } from "../kit.ts";
import { exportRows } from "./export-row.ts";
import { nextHouseholds, nextTownship } from "./export-store.ts";
import { findNationalLayout } from "./layouts.ts";
import { casesOf, openMembers } from "./store.ts";

export const exportJob = "national-export";
const Input = z.object({ kind: z.string(), region: z.string(), purpose: z.string(), full: z.boolean() });
const Checkpoint = z.object({ after: z.string(), files: z.array(z.string()) }).default({ after: "", files: [] });
const householdsAtOnce = 500;
const nobody = "00000000-0000-0000-0000-000000000000";

/** M-01: the registry in the national system's own layout, a workbook a township; each township is one chunk, and whoever asked opens the files. */
export const exportNationalSheet = job({
  kind: exportJob,
  run: async ({ tx, input, checkpoint, actor, now, keys }) => {
    const { kind, region, purpose, full } = Input.parse(input);
    const { after, files } = Checkpoint.parse(checkpoint);
    const layout = findNationalLayout(kind);
    if (!layout) throw new Error("the layout of this job is gone");
    const which = { region, monitoredOnly: layout.of === "monitored" };
    const township = await nextTownship(tx, which, after);
    if (township === undefined) return { totals: {}, result: { files } };
    const today = businessDate(now);
    const own = { ...which, region: region.length > 9 ? region : township };
    const totals = { files: 1, households: 0, people: 0, ungraded: 0 };
    const rows = async function* (): AsyncGenerator<WriteRow> {
      for (let last = nobody; ; ) {
        const households = await nextHouseholds(tx, own, last, householdsAtOnce);
        const ids = households.map(({ id }) => id);
        const members = await openMembers(tx, keys, ids);
        const cases = await casesOf(tx, ids);
        for (const household of households) {
          const written = exportRows(layout, household, members.get(household.id) ?? [], cases.get(household.id), {
            full,
            today,
          });
          totals.households += 1;
          totals.ungraded += written.ungraded;
          for (const row of written.rows) yield { ...row, number: ++totals.people };
        }
        last = ids.at(-1) ?? last;
        if (ids.length < householdsAtOnce) return;
      }
    };
    const mark = `${actor.subject} ${now.toISOString()}`;
    const content = await buffer(
      writeWorkbook({
        sheetName: layout.title.zh,
        // Two rows above the header, as the national system's own files have.
        title: `(自定义)${layout.title.zh}`,
        note: `${full ? "原文" : "脱敏"} · 用途:${purpose} · 数据日期:${today}`,
        footer: mark,
        watermark: mark,
        columns: layout.columns.map(({ key, titles: [title = key] }) => ({ key, title, text: true })),
        rows: rows(),
      }),
    );
    const whole = `${township}000`;
    const fileId = await putFile(tx, keys, actor, {
      region: whole,
      name: `${layout.title.zh}-${nameOf(whole)}-${today}.xlsx`,
      mediaType: xlsx,
      content,
      purpose: "national-export",
      expiresOn: await listKeptUntil(tx, whole, today),
    });
    const about = { entity: "national-sheet", entityId: fileId, region: whole, clause: "M-01", purpose };
    return {
      next: { after: township, files: [...files, fileId] },
      totals,
      audit: [{ action: full ? "export-national-sheet-full" : "export-national-sheet", ...about, changed: totals }],
    };
  },
});
