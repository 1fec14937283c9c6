import { DateText, HouseholdId, Month, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  endOfDay,
  everyone,
  monthOf,
  PageQuery,
  pageOf,
  parameterFor,
  parseBusinessDate,
  sealRecord,
  startOfDay,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { afterPlaceCursor, cutPlaces } from "../focus-household/page.ts";
import { focusOf } from "../focus-household/store.ts";
import { Area, digitsBelow, nameOf } from "../focus-household/views.ts";
import { findHousehold } from "../household/store.ts";
import { command, query, round, slice } from "../kit.ts";
import { monthlyHelps } from "./clauses.ts";
import { helpKinds, helpMonths, helpWays } from "./decide.ts";
import { countHelps, helpSettings, helpsOf, insertHelp, listMissingHelps } from "./store.ts";

const MonthPath = z.object({ month: Month });
const helpers = ["helper", "first-secretary", "village-officer", "township-officer", "county-officer"] as const;

const recordMonthlyHelp = command(
  {
    method: "post",
    operation: "record-monthly-help",
    path: "/households/{householdId}/monthly-helps",
    summary: { zh: "登记月帮扶", en: "Record a help to a focus household that is neither a measure nor a visit" },
    clauses: ["M-05"],
    allow: helpers,
    params: z.object({ householdId: HouseholdId }),
    body: z.object({
      kind: z.enum(helpKinds),
      helpedOn: DateText,
      note: z.string().trim().min(2).max(500).optional().describe("Sealed: may name people"),
    }),
    reply: z.object({
      monthlyHelpId: z.string(),
      householdId: z.string(),
      month: Month,
      kind: z.enum(helpKinds),
      helpedOn: z.string(),
    }),
    status: 201,
    problems: ["household-not-found", "not-a-focus-household", "help-in-future", "help-month-locked"],
  },
  async ({ tx, params, body: { kind, helpedOn, note }, actor, keys, now, today }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const listed = await focusOf(tx, household.id);
    if (!listed.some((focus) => focus.listedOn <= today && focus.removedOn === null)) return refuse("not-a-focus-household");
    if (helpedOn > today) return refuse("help-in-future");
    const month = monthOf(parseBusinessDate(helpedOn));
    const lockDay = (await parameterFor(tx, "month.lockDay", household.region, today)).value;
    if (!helpMonths(today, lockDay).some((turn) => turn.month === month && today <= turn.until))
      return refuse("help-month-locked");
    const { id: householdId, region } = household;
    const id = uuidv7();
    const sealed = note === undefined ? undefined : sealRecord(keys, { table: "monitoring.monthly_help", id }, { note });
    await insertHelp(tx, { id, householdId, region, kind, helpedOn, recordedBy: actorOf(actor), recordedAt: now }, sealed);
    const about = { action: "record-monthly-help", entity: "household", entityId: householdId, region, clause: "M-05" };
    return {
      reply: { monthlyHelpId: id, householdId, month, kind, helpedOn },
      audit: [{ ...about, changed: { kind, helpedOn } }],
    };
  },
);

const readMonthlyHelps = query(
  {
    operation: "read-monthly-helps",
    path: "/monthly-helps/{month}",
    summary: { zh: "月帮扶进度", en: "The month's helps to focus households, by place" },
    clauses: ["M-05"],
    allow: everyone,
    params: MonthPath,
    query: z.object({ region: Area.optional() }),
    reply: z.object({
      month: Month,
      counts: z.array(z.string()).describe("What counts by the settings"),
      items: z.array(z.object({ region: z.string(), name: z.string(), households: z.int(), helped: z.int(), missing: z.int() })),
    }),
    problems: [],
  },
  async ({ tx, params: { month }, query: { region }, actor, today }) => {
    const prefix = region ?? actor.region;
    const settings = await helpSettings(tx, prefix.padEnd(12, "0"), month);
    const places = await countHelps(tx, { month, settings, today, area: rangeOf(prefix), digits: digitsBelow(prefix) });
    const items = places.map((place) => ({ ...place, name: nameOf(place.region), missing: place.households - place.helped }));
    return { reply: { month, counts: [...settings.counts], items } };
  },
);

const listMissing = query(
  {
    operation: "list-missing-monthly-helps",
    path: "/monthly-helps/{month}/missing",
    summary: { zh: "当月未帮扶的重点户", en: "Focus households still without the month's help" },
    clauses: ["M-05"],
    allow: everyone,
    params: MonthPath,
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string(), helps: z.int() })),
    exports: {},
    problems: [],
  },
  async ({ tx, params: { month }, query: { region, cursor, limit }, actor, today }) => {
    const prefix = region ?? actor.region;
    const settings = await helpSettings(tx, prefix.padEnd(12, "0"), month);
    const given = { month, settings, today, area: rangeOf(prefix), after: afterPlaceCursor(cursor), limit };
    return { reply: cutPlaces(await listMissingHelps(tx, given), limit) };
  },
);

const listHouseholdHelps = query(
  {
    operation: "list-monthly-helps",
    path: "/households/{householdId}/monthly-helps/{month}",
    summary: { zh: "该户当月计入的帮扶", en: "What counts as a household's help of a month" },
    clauses: ["M-05"],
    allow: everyone,
    params: MonthPath.extend({ householdId: HouseholdId }),
    reply: z.object({ least: z.int(), items: z.array(z.object({ day: z.string(), way: z.enum(helpWays) })) }),
    problems: ["household-not-found"],
  },
  async ({ tx, params: { householdId, month } }) => {
    const household = await findHousehold(tx, householdId);
    if (!household) return refuse("household-not-found");
    const settings = await helpSettings(tx, household.region, month);
    const items = z
      .array(z.object({ day: z.string(), way: z.enum(helpWays) }))
      .parse(await helpsOf(tx, householdId, month, settings));
    return { reply: { least: settings.least, items } };
  },
);

const wholeRegion = "450000000000";

/** M-05: each focus household has its help every month. What is open is asked of the month's records; no household has a row for it. */
const monthlyHelpRound = round({
  kind: "monthly-help",
  clause: "M-05",
  entity: "focus-household",
  roles: ["helper", "first-secretary", "village-officer", "township-officer", "county-officer"],
  toldBy: 12,
  periods: async ({ tx, today }) => {
    const lockDay = (await parameterFor(tx, "month.lockDay", wholeRegion, today)).value;
    return helpMonths(today, lockDay).map(({ month, from, until }) => ({
      period: month,
      startsAt: startOfDay(from),
      dueAt: endOfDay(until),
      closes: true,
    }));
  },
  open: async ({ tx, period, digits, today }) => {
    const settings = await helpSettings(tx, wholeRegion, period);
    const places = await countHelps(tx, { month: period, settings, today, area: { lo: "0", hi: ":" }, digits });
    return places.flatMap(({ region, households, helped }) =>
      households > helped ? [{ region, open: households - helped }] : [],
    );
  },
});

export const monthlyHelpSlice = slice({
  name: "monthly-help",
  title: { zh: "月帮扶", en: "Monthly help" },
  routes: [recordMonthlyHelp, readMonthlyHelps, listMissing, listHouseholdHelps],
  clauses: [monthlyHelps],
  rounds: [monthlyHelpRound],
});
