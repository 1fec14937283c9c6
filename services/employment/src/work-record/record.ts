import {
  PersonId,
  type Refusal,
  refuse,
  WorkRecordChanged,
  WorkRecordEnded,
  WorkRecordStarted,
  WorkRecordState,
} from "@shouwang/contract";
import { type BusinessDate, checkCreditCode, checkVersion, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command } from "../kit.ts";
import { leaveAsPlanned } from "../planned-departure/store.ts";
import { raiseOverlaps } from "../post-overlap/store.ts";
import { checkWork, type Scope, scopeOf } from "./decide.ts";
import { insertWork, lockWork, lockWorker, openWorkSecret, saveWork, stateOfWork, type WorkRecord, workAges } from "./store.ts";
import { WorkEntry, WorkWithReasons, workView } from "./views.ts";

/** Offices that keep the records of who is at work. */
export const recorders = [
  "county-officer",
  "township-officer",
  "village-officer",
  "first-secretary",
  "department-officer",
] as const;
export const WorkPath = z.object({ workRecordId: z.uuid() });

type Entry = z.output<typeof WorkEntry>;

/** What of an entry is wrong by itself, and the workplace it names. */
function checkEntry(
  entry: Entry,
  registeredIn: string,
  today: BusinessDate,
): Refusal<"invalid-input"> | { scope: Scope; creditCode: string | null } {
  const wrong = (pointer: string, rule: string, zh: string, en: string) =>
    refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "E-01" }] });
  if (entry.from > today)
    return wrong("/from", "not-in-future", "尚未开始的外出请登记外出计划", "Work to come is a planned departure");
  if (entry.until !== undefined && entry.until < entry.from)
    return wrong("/until", "date-order", "结束日期早于开始日期", "It ends before it begins");
  if (entry.until !== undefined && entry.until > today)
    return wrong("/until", "not-in-future", "结束日期不能晚于今天", "It ends in the future");
  if ((entry.until === undefined) !== (entry.endedBecause === undefined))
    return wrong("/endedBecause", "with-until", "结束日期和结束原因须同时填写", "A last day and its reason go together");
  if ((entry.country === "CN") !== (entry.place !== undefined))
    return wrong(
      "/place",
      "place-in-china",
      "国内务工须填地点,境外只填国家",
      "Work in China names a division, work abroad a country alone",
    );
  const scope = scopeOf({ country: entry.country, place: entry.place ?? null }, registeredIn);
  if (scope === "county-needed")
    return wrong("/place", "county-needed", "区内务工须填到县级", "Within the region the county is needed");
  if (entry.creditCode === undefined) return { scope, creditCode: null };
  const code = checkCreditCode(entry.creditCode);
  return code.ok ? { scope, creditCode: code.value } : wrong("/creditCode", code.rule, code.zh, code.en);
}

/** Decides an entry for a person and answers the record as it then is. */
async function decideWork(
  tx: Tx<DB>,
  personId: string,
  before: { id: string; version: number; checkedOn: string | null },
  entry: Entry,
  today: BusinessDate,
) {
  const worker = await lockWorker(tx, personId, entry.from);
  if (!worker) return refuse("person-not-found");
  const checked = checkEntry(entry, worker.region, today);
  if ("code" in checked) return checked;
  const until = entry.until ?? null;
  const decided = checkWork({ id: before.id, from: entry.from, until }, worker, await workAges(tx, worker.region, entry.from));
  if ("code" in decided) return decided;
  const record: WorkRecord = {
    ...before,
    ...{ personId, householdId: decided.householdId, region: worker.region, country: entry.country, place: entry.place ?? null },
    ...{ scope: checked.scope, channel: entry.channel, industry: entry.industry ?? null, creditCode: checked.creditCode },
    ...{ monthlyWageFen: entry.monthlyWageFen ?? null, pointToPoint: entry.pointToPoint, source: entry.source },
    ...{ from: entry.from, until, endedBecause: entry.endedBecause ?? null, voidedOn: null },
  };
  return { record, reasons: decided.reasons, secret: { employer: entry.employer ?? null, note: entry.note ?? null } };
}

export const registerWork = command(
  {
    method: "post",
    operation: "register-work-record",
    path: "/work-records",
    summary: { zh: "登记务工", en: "Record that somebody is, or was, at work" },
    clauses: ["E-01", "E-02"],
    allow: recorders,
    body: WorkEntry.extend({ personId: PersonId }),
    reply: WorkWithReasons,
    status: 201,
    problems: ["person-not-found", "invalid-input", "no-member-on-the-day", "not-of-working-age", "work-overlaps"],
  },
  async ({ tx, body: { personId, ...entry }, actor, keys, now, today }) => {
    const decided = await decideWork(tx, personId, { id: uuidv7(), version: 1, checkedOn: today }, entry, today);
    if ("code" in decided) return decided;
    const { record, reasons, secret } = decided;
    await insertWork(tx, keys, record, secret, actor);
    await leaveAsPlanned(tx, personId, record);
    const event = record.until === null ? WorkRecordStarted : WorkRecordEnded;
    return {
      reply: { ...workView(record), explanation: reasons },
      events: [
        event.of(record.id, 1, record.region, stateOfWork(record)),
        ...(await raiseOverlaps(tx, { personIds: [personId], now })),
      ],
    };
  },
);

export const changeWork = command(
  {
    method: "put",
    operation: "change-work-record",
    path: "/work-records/{workRecordId}",
    summary: { zh: "更正务工记录", en: "Correct a work record" },
    clauses: ["E-01"],
    allow: recorders,
    params: WorkPath,
    body: WorkEntry,
    reply: WorkWithReasons,
    ifMatch: true,
    problems: [
      ...(["work-record-not-found", "work-record-voided", "version-mismatch", "invalid-input"] as const),
      ...(["no-member-on-the-day", "not-of-working-age", "work-overlaps"] as const),
    ],
  },
  async ({ tx, params, body, keys, now, today, expectedVersion }) => {
    const before = await lockWork(tx, params.workRecordId);
    if (!before) return refuse("work-record-not-found");
    if (before.voidedOn !== null) return refuse("work-record-voided");
    const other = checkVersion(before.version, expectedVersion);
    if (other) return other;
    const { id, checkedOn } = before;
    const decided = await decideWork(tx, before.personId, { id, checkedOn, version: before.version + 1 }, body, today);
    if ("code" in decided) return decided.code === "person-not-found" ? refuse("work-record-not-found") : decided;
    const { record, reasons, secret } = decided;
    await saveWork(tx, keys, record, secret);
    return {
      reply: { ...workView(record), explanation: reasons },
      events: [
        WorkRecordChanged.of(record.id, record.version, record.region, stateOfWork(record)),
        ...(await raiseOverlaps(tx, { personIds: [record.personId], now })),
      ],
      audit: [
        {
          ...{ action: "change-work-record", entity: "work-record", entityId: record.id, region: record.region, clause: "E-01" },
          changed: { ...stateOfWork(record), ...openWorkSecret(keys, before) },
        },
      ],
    };
  },
);

export const endWork = command(
  {
    method: "post",
    operation: "end-work-record",
    path: "/work-records/{workRecordId}/end",
    summary: { zh: "登记务工结束(返乡、停工等)", en: "Record that work has ended" },
    clauses: ["E-01", "E-10"],
    allow: recorders,
    params: WorkPath,
    body: z.object({ until: WorkEntry.shape.from, because: WorkRecordState.shape.endedBecause.unwrap() }),
    reply: WorkWithReasons.omit({ explanation: true }),
    problems: ["work-record-not-found", "work-record-voided", "work-record-ended", "invalid-input"],
  },
  async ({ tx, params, body: { until, because }, keys, today }) => {
    const before = await lockWork(tx, params.workRecordId);
    if (!before) return refuse("work-record-not-found");
    if (before.voidedOn !== null) return refuse("work-record-voided");
    if (before.until !== null) return refuse("work-record-ended");
    if (until < before.from || until > today)
      return refuse("invalid-input", {
        errors: [
          {
            ...{ pointer: "/until", rule: "date-order", clause: "E-01" },
            ...{ zh: "结束日期须在开始日期与今天之间", en: "It ends between its first day and today" },
          },
        ],
      });
    const record = { ...before, until, endedBecause: because, version: before.version + 1 };
    await saveWork(tx, keys, record);
    return {
      reply: workView(record),
      events: [WorkRecordEnded.of(record.id, record.version, record.region, stateOfWork(record))],
    };
  },
);
