import { refuse, WorkRecordVoided } from "@shouwang/contract";
import { levelOf, type RegionLevel, regionLevels, toRegionCode } from "@shouwang/regions";
import { actorOf, checkVersion, sealRecord } from "@shouwang/service-kit";
import { z } from "zod";
import { command } from "../kit.ts";
import { planAgain } from "../planned-departure/store.ts";
import { WorkPath } from "./record.ts";
import { lockWork, placeOfVoid, stateOfWork, voidWork } from "./store.ts";
import { WorkWithReasons, workView } from "./views.ts";

/** Whether an office stands above another in the chain of region, city, county, township and village. */
const standsAbove = (level: RegionLevel, other: RegionLevel): boolean =>
  regionLevels.indexOf(level) < regionLevels.indexOf(other);

export const voidWorkRoute = command(
  {
    method: "post",
    operation: "void-work-record",
    path: "/work-records/{workRecordId}/voiding",
    summary: {
      zh: "作废务工记录(由登记单位的上级办理)",
      en: "Void a record made by mistake: an office above the one that made it",
    },
    clauses: ["E-01"],
    allow: ["region-officer", "city-officer", "county-officer", "township-officer", "department-officer"],
    params: WorkPath,
    body: z.object({ reason: z.string().trim().min(4).max(300).describe("Sealed: may name people") }),
    reply: WorkWithReasons.omit({ explanation: true }),
    ifMatch: true,
    problems: ["work-record-not-found", "work-record-voided", "work-record-of-higher-office", "version-mismatch"],
  },
  async ({ tx, params, body: { reason }, actor, keys, today, expectedVersion }) => {
    const before = await lockWork(tx, params.workRecordId);
    if (!before) return refuse("work-record-not-found");
    if (before.voidedOn !== null) return refuse("work-record-voided");
    // Safe: a check constraint holds the column to the levels.
    const by = before.recordedLevel as RegionLevel;
    if (!standsAbove(levelOf(toRegionCode(actor.region)), by)) return refuse("work-record-of-higher-office");
    const other = checkVersion(before.version, expectedVersion);
    if (other) return other;
    const record = { ...before, voidedOn: today, version: before.version + 1 };
    await voidWork(tx, record, actorOf(actor), sealRecord(keys, placeOfVoid(record.id), { reason }));
    await planAgain(tx, record.id);
    const about = { entity: "work-record", entityId: record.id, region: record.region, clause: "E-01" };
    return {
      reply: workView(record),
      events: [WorkRecordVoided.of(record.id, record.version, record.region, stateOfWork(record))],
      audit: [{ action: "void-work-record", ...about, changed: stateOfWork(record) }],
    };
  },
);
