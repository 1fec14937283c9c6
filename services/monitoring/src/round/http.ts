import { Month } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { query, slice } from "../kit.ts";
import { type MustVisitKind, mustVisitKinds, roundPlaces } from "../visit/decide.ts";
import { roundCovered } from "./clauses.ts";
import { countRounds, lockRounds, makeVisitMonths, markDaily, tellRounds } from "./count.ts";
import { dueHouseholds, mustVisitHouseholds } from "./due-store.ts";
import { readRoundDays, readRoundGrids } from "./grids.ts";
import { Area, roundOf, roundSettings } from "./settings.ts";

const readRound = query(
  {
    operation: "read-visit-round",
    path: "/visit-rounds/{month}",
    summary: { zh: "月度遍访进度(县以下按村,县以上按县)", en: "The monthly round: by village within a county, by county above" },
    clauses: ["M-02"],
    allow: everyone,
    params: z.object({ month: Month }),
    query: z.object({
      region: Area.optional().describe("The caller's own where absent"),
      scope: z.enum(["all", "focus"]).optional(),
    }),
    reply: z.object({
      month: Month,
      scope: z.enum(["all", "focus"]).describe("Whom the round covers, by the settings unless asked otherwise"),
      phoneCounts: z.boolean().describe("A call to a wholly absent household counts"),
      level: z.enum(["village", "county"]),
      countedAt: z.string().optional().describe("Where the figures are the kept ones: the moment the oldest of them was counted"),
      locked: z.literal(true).optional().describe("The month is locked: these are its frozen figures"),
      items: z.array(
        z.object({
          region: z.string(),
          households: z.int(),
          visited: z.int().describe("Each household once, by a home visit or, where it counts, a call"),
          atHome: z.int(),
          byCall: z.int().describe("Only reached by a call, being away"),
          notSeen: z.int(),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, params: { month }, query: { region, scope }, actor, today }) => {
    const area = region ?? actor.region;
    const level = area.length < 6 ? ("county" as const) : ("village" as const);
    const digits = level === "county" ? 6 : 12;
    const round = await roundOf(tx, { month, region: area, digits, today });
    const asked = { ...round, scope: scope ?? round.scope };
    return {
      reply: {
        month,
        scope: asked.scope,
        phoneCounts: round.phoneCountsWhenAbsent,
        level,
        ...(round.countedAt ? { countedAt: round.countedAt.toISOString() } : {}),
        ...(round.locked ? { locked: true as const } : {}),
        items: roundPlaces(round.counts, asked),
      },
    };
  },
);

const listDue = query(
  {
    operation: "list-due-households",
    path: "/visit-rounds/{month}/due",
    summary: { zh: "本月待访农户", en: "Households the month's round has not reached yet" },
    clauses: ["M-02"],
    allow: everyone,
    params: z.object({ month: Month }),
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      gridWorker: z.string().max(200).optional().describe("Only this grid worker's households"),
      scope: z.enum(["all", "focus"]).optional(),
    }),
    reply: pageOf(
      z.object({
        householdId: z.string(),
        region: z.string().describe("Village it is registered in"),
        place: z.string().describe("Village it lives in"),
        hamlet: z.string().nullable(),
        householdKind: z.string(),
        focus: z.boolean().describe("In monitoring"),
        gridWorker: z.string().nullable(),
        lastSeenOn: z.string().nullable().describe("Last day seen at home within half a year"),
      }),
    ),
    exports: {},
    problems: [],
  },
  async ({ tx, params: { month }, query: { region, gridWorker, scope, cursor, limit }, actor, today }) => {
    const area = region ?? actor.region;
    const settings = await roundSettings(tx, { month, region: area, today });
    const rows = await dueHouseholds(tx, {
      month,
      callsFrom: settings.callsFrom,
      phoneCounts: settings.phoneCountsWhenAbsent,
      scope: scope ?? settings.scope,
      area: rangeOf(area),
      gridWorker,
      after: afterCursor(cursor),
      limit,
    });
    return { reply: cutPage(rows, limit, (row) => row.householdId) };
  },
);

const listMustVisit = query(
  {
    operation: "list-must-visit",
    path: "/visit-rounds/{month}/must-visit",
    summary: { zh: "必访户清单", en: "Households that must be visited, by the kinds the settings name" },
    clauses: ["M-02"],
    allow: everyone,
    params: z.object({ month: Month }),
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      kind: z.enum(mustVisitKinds).optional(),
      notSeen: z.stringbool().default(false).describe("Only those the round has not reached"),
    }),
    reply: pageOf(
      z.object({
        householdId: z.string(),
        region: z.string(),
        place: z.string(),
        hamlet: z.string().nullable(),
        kinds: z.array(z.enum(mustVisitKinds)),
        seen: z.boolean(),
      }),
    ),
    exports: {},
    problems: [],
  },
  async ({ tx, params: { month }, query: { region, kind, notSeen, cursor, limit }, actor, today }) => {
    const area = region ?? actor.region;
    const settings = await roundSettings(tx, { month, region: area, today });
    const wanted = (await parameterFor(tx, "round.mustVisit", area, today)).value;
    const kinds = mustVisitKinds.filter((one: MustVisitKind) => wanted.includes(one) && (kind === undefined || kind === one));
    const rows = await mustVisitHouseholds(tx, {
      month,
      callsFrom: settings.callsFrom,
      phoneCounts: settings.phoneCountsWhenAbsent,
      area: rangeOf(area),
      after: afterCursor(cursor),
      limit,
      kinds,
      elderlyFrom: (await parameterFor(tx, "round.elderlyFrom", area, today)).value,
      today,
      unseenOnly: notSeen,
    });
    return { reply: cutPage(rows, limit, (row) => row.householdId) };
  },
);

export const roundSlice = slice({
  name: "round",
  title: { zh: "每月遍访", en: "Monthly rounds" },
  routes: [readRound, listDue, listMustVisit, readRoundGrids, readRoundDays],
  schedules: [makeVisitMonths, markDaily, countRounds, tellRounds, lockRounds],
  clauses: [roundCovered],
});
