import { EarlyAlarmAnswered, EarlyAlarmId, Reason, Refusal, Risk, refuse } from "@shouwang/contract";
import { findDivision, levelOf, rangeOf, toRegionCode } from "@shouwang/regions";
import {
  actorOf,
  afterCursor,
  cutPage,
  endDeadline,
  everyone,
  mayReach,
  PageQuery,
  pageOf,
  parameterFor,
  sealRecord,
} from "@shouwang/service-kit";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { watchDaily } from "./alarm.ts";
import { countSigns, listBelowLine, signs } from "./board-store.ts";
import { earlySigns, epidemicCut } from "./clauses.ts";
import { answer, type EarlyAlarm } from "./decide.ts";
import { listAlarms, lockAlarm, saveAlarm, stateOfAlarm } from "./store.ts";

const Area = z
  .string()
  .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
  .describe("Division code or prefix; the caller's own division when absent");

const described: Record<(typeof signs)[number], string> = {
  households: "Households in the registry",
  leads: "Leads found in the window",
  leadsBefore: "Leads found in the window before it",
  epidemicLeads: "Of the leads, those with the epidemic tag",
  included: "Households included in monitoring in the window",
  epidemicIncluded: "Of these, because of the epidemic",
  incomeDrops: "Sharp losses of income by the epidemic confirmed in the window",
  wageStops: "Wages that stopped in the window",
  disasters: "Losses by disaster in the window",
  unverifiedLate: "Leads nobody has verified within the term",
  unhelpedLate: "Severe leads whose first measure is late",
  belowLine: "Lifted households below the monitoring line with no case and no open lead",
  alarms: "Alarms that stand",
};
// Safe: one entry for each sign.
const Counts = Object.fromEntries(signs.map((sign) => [sign, z.int().describe(described[sign])])) as Record<
  (typeof signs)[number],
  z.ZodInt
>;

/** A share of few says nothing about a place and must not rank it: it is left out below the least number that may sound an alarm. */
const share = (part: number, whole: number, least: number): number | null =>
  whole < least ? null : Math.round((part * 1_000) / whole) / 10;

const readBoard = query(
  {
    operation: "read-early-signs",
    path: "/early-signs",
    summary: {
      zh: "规模性返贫早期迹象(按县、乡镇)",
      en: "Early signs by county, or by township within a county, in order of their codes",
    },
    clauses: ["G-01", "G-02"],
    allow: everyone,
    query: z.object({
      region: Area.optional(),
      epidemic: z.stringbool().optional().describe("Only what carries the epidemic tag, or only what does not"),
    }),
    reply: z.object({
      asOf: z.string(),
      windowDays: z.int(),
      leastLeads: z.int().describe("Fewer leads than these have no share and sound no alarm"),
      line: z
        .int()
        .nullable()
        .describe("Monitoring line in fen per head and year; null while it is not loaded: nobody is below it"),
      items: z.array(
        z.object({
          region: z.string(),
          place: z.string(),
          ...Counts,
          epidemicShare: z.number().nullable().describe("Per cent of the leads, null where they are few"),
        }),
      ),
    }),
    problems: ["unknown-division", "outside-area"],
  },
  async ({ tx, query: { region, epidemic }, actor, today }) => {
    const code = toRegionCode(region ?? actor.region);
    if (!findDivision(code)) return refuse("unknown-division");
    if (region !== undefined && !mayReach(actor, code)) return refuse("outside-area");
    const setting = async (key: "alarm.windowDays" | "alarm.minimumLeads" | "monitoring-line") =>
      (await parameterFor(tx, key, code, today)).value;
    const windowDays = (await setting("alarm.windowDays")) ?? 28;
    const leastLeads = (await setting("alarm.minimumLeads")) ?? 5;
    const line = await setting("monitoring-line");
    const digits = ["region", "city"].includes(levelOf(code)) ? 6 : 9;
    const places = await countSigns(tx, { area: rangeOf(code), today, windowDays, line, epidemic }, digits);
    const items = places.map(({ place, ...counts }) => {
      const division = toRegionCode(place);
      const name = findDivision(division)?.name ?? division;
      return { region: division, place: name, ...counts, epidemicShare: share(counts.epidemicLeads, counts.leads, leastLeads) };
    });
    return { reply: { asOf: today, windowDays, leastLeads, line, items } };
  },
);

const listBelowLineRoute = query(
  {
    operation: "list-households-below-line",
    path: "/early-signs/below-line",
    summary: {
      zh: "低于监测范围且无人帮扶的脱贫户",
      en: "Lifted households below the monitoring line with no case and no open lead; none while the line is not loaded",
    },
    clauses: ["G-01"],
    allow: everyone,
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string(), perCapitaFen: z.int() })),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit }, actor, today }) => {
    const area = region ?? actor.region;
    const line = (await parameterFor(tx, "monitoring-line", toRegionCode(area), today)).value;
    const rows = await listBelowLine(tx, { area: rangeOf(area), line, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, ({ householdId }) => householdId);
    return { reply: { items: page.items, next: page.next } };
  },
);

const AlarmView = z.object({
  alarmId: z.string(),
  region: z.string(),
  place: z.string(),
  kind: z.enum(["rise", "cluster", "silence"]),
  cause: Risk.nullable(),
  leads: z.int(),
  explanation: z.array(Reason),
  raisedOn: z.string(),
  status: z.enum(["open", "answered", "ended"]),
  answeredOn: z.string().nullable(),
  endedOn: z.string().nullable(),
  version: z.int(),
});
const alarmView = ({ id, ...alarm }: EarlyAlarm): z.input<typeof AlarmView> => ({
  ...alarm,
  alarmId: id,
  place: findDivision(alarm.region)?.name ?? alarm.region,
});

const listAlarmsRoute = query(
  {
    operation: "list-early-alarms",
    path: "/early-alarms",
    summary: { zh: "早期迹象告警", en: "Alarms over townships: a rise of leads, a cluster of one cause, or long silence" },
    clauses: ["G-01"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional(),
      over: z.stringbool().default(false).describe("Those that are over, instead of those that stand"),
    }),
    reply: pageOf(AlarmView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, over, cursor, limit }, actor }) => {
    const rows = await listAlarms(tx, { area: rangeOf(region ?? actor.region), over, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, ({ id }) => id);
    return { reply: { items: page.items.map(alarmView), next: page.next } };
  },
);

const answerAlarm = command(
  {
    method: "post",
    operation: "answer-early-alarm",
    path: "/early-alarms/{alarmId}/answer",
    summary: { zh: "答复告警", en: "Say what was found behind an alarm, and what is done" },
    clauses: ["G-01"],
    allow: ["region-officer", "city-officer", "county-officer"],
    params: z.object({ alarmId: EarlyAlarmId }),
    body: z.object({ note: z.string().trim().min(5).max(1_000).describe("Sealed: may name people") }),
    reply: AlarmView,
    problems: ["alarm-not-found", "alarm-state"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const alarm = await lockAlarm(tx, params.alarmId);
    if (!alarm) return refuse("alarm-not-found");
    const answered = answer(alarm, today);
    if (answered instanceof Refusal) return answered;
    const sealed = sealRecord(keys, { table: "monitoring.early_alarm", id: alarm.id }, { note: body.note });
    await saveAlarm(tx, answered, { answer: sealed, by: actorOf(actor) });
    await endDeadline(tx, "answer-alarm", "early-alarm", alarm.id, "met", now);
    return {
      reply: alarmView(answered),
      events: [EarlyAlarmAnswered.of(answered.id, answered.version, answered.region, stateOfAlarm(answered))],
      audit: [{ action: "answer-early-alarm", entity: "early-alarm", entityId: alarm.id, region: alarm.region, clause: "G-01" }],
    };
  },
);

/** G-01 and G-02: what leads say together before it is too late, and every figure cut by the epidemic. */
export const earlySignSlice = slice({
  name: "early-sign",
  title: { zh: "早期迹象", en: "Early signs" },
  routes: [readBoard, listBelowLineRoute, listAlarmsRoute, answerAlarm],
  schedules: [watchDaily],
  clauses: [earlySigns, epidemicCut],
});
