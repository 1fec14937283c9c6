import { buffer } from "node:stream/consumers";
import { rangeOf } from "@shouwang/regions";
import { businessDate, monthOf, putFile, writeSheets, xlsx } from "@shouwang/service-kit";
import { z } from "zod";
import { focusSettings } from "../focus-household/condition-store.ts";
import { nameOf } from "../focus-household/views.ts";
import { job } from "../kit.ts";
import { helpSettings } from "../monthly-help/store.ts";
import { ledgerSpec } from "./sheet.ts";
import { ledgerRows, villagesWithFocus } from "./store.ts";

const Input = z.object({ region: z.string(), purpose: z.string() });
const Checkpoint = z.object({ after: z.string(), files: z.array(z.string()) }).default({ after: "", files: [] });

/** M-06: the ledger sheets of an area, a workbook a township and a sheet a village; each township is one chunk, and whoever asked opens the files. */
export const writeLedgerFiles = job({
  kind: "write-ledger-files",
  run: async ({ tx, input, checkpoint, actor, now, keys }) => {
    const { region, purpose } = Input.parse(input);
    const { after, files } = Checkpoint.parse(checkpoint);
    const today = businessDate(now);
    const { year } = await focusSettings(tx, region.padEnd(12, "0"), today);
    const villages = await villagesWithFocus(tx, year, rangeOf(region));
    const townships = [...new Set(villages.map((village) => village.region.slice(0, 9)))].filter((township) => township > after);
    const [township] = townships;
    if (township === undefined) return { totals: { files: 0 }, result: { files } };
    const whole = `${township}000`;
    const settings = { ...(await helpSettings(tx, whole, monthOf(today))), year };
    const own = villages.filter((village) => village.region.startsWith(township));
    const mark = { subject: actor.subject, at: now, today };
    const specs = [];
    for (const { region: village } of own)
      specs.push(ledgerSpec(village, year, await ledgerRows(tx, keys, { village, year, settings }), mark));
    const fileId = await putFile(tx, keys, actor, {
      region: whole,
      name: `${nameOf(whole)}${year}年重点户台账.xlsx`,
      mediaType: xlsx,
      content: await buffer(writeSheets(specs)),
      purpose: "ledger-sheet",
    });
    const households = own.reduce((sum, village) => sum + village.households, 0);
    const written = [...files, fileId];
    const about = {
      action: "write-ledger-file",
      entity: "ledger-sheet",
      entityId: whole,
      region: whole,
      clause: "M-06",
      purpose,
    };
    return {
      ...(townships.length > 1 ? { next: { after: township, files: written } } : { result: { files: written } }),
      totals: { files: 1, households },
      audit: [{ ...about, changed: { fileId, households } }],
    };
  },
});
