import { HouseholdId, refuse } from "@shouwang/contract";
import { divisionsUnder, rangeOf } from "@shouwang/regions";
import { actorOf, everyone, mayReach, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query } from "../kit.ts";
import { markVillages } from "../round/store.ts";
import { isGridTooLarge } from "./decide.ts";
import { gridsIn, lockHouseholds, moveToGrid, outsideGrids } from "./grid-store.ts";
import { enterGridWorkers, villagesWithGridWorker } from "./grid-worker-store.ts";

export const assignGrid = command(
  {
    method: "post",
    operation: "assign-grid",
    path: "/grid-assignments",
    summary: { zh: "划分网格(一户只属一个网格)", en: "Put households into a grid worker's grid; each belongs to one grid" },
    clauses: ["M-02"],
    allow: ["village-officer", "township-officer"],
    body: z.object({
      subject: z.string().trim().min(1).max(200).describe("The grid worker's sign-in"),
      householdIds: z.array(HouseholdId).min(1).max(500).describe("Households that live in one village"),
    }),
    reply: z.object({
      subject: z.string(),
      region: z.string().describe("The village"),
      assigned: z.int(),
      moved: z.int().describe("Of these, taken from another grid"),
      gridHouseholds: z.int().describe("Households the grid holds now"),
      tooLarge: z.boolean().describe("More households than the settings think one person can go round"),
    }),
    status: 201,
    problems: ["household-not-found", "invalid-input"],
  },
  async ({ tx, body, actor, today }) => {
    const ids = [...new Set(body.householdIds)];
    const households = await lockHouseholds(tx, ids);
    const region = households[0]?.place;
    if (region === undefined || households.length < ids.length) return refuse("household-not-found");
    // Who lives elsewhere belongs to a grid of that place, which an officer of this one cannot draw.
    if (!mayReach(actor, region)) return refuse("household-not-found");
    if (households.some((household) => household.place !== region)) {
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/householdIds",
            rule: "one-village",
            zh: "一个网格只含同一行政村的农户",
            en: "A grid holds households of one village",
            clause: "M-02",
          },
        ],
      });
    }
    await enterGridWorkers(tx, [{ region, subject: body.subject }], { from: today, by: actorOf(actor) });
    await markVillages(tx, [{ month: today.slice(0, 7), place: region }]);
    const { moved, gridHouseholds } = await moveToGrid(tx, { subject: body.subject, region, households: ids, today });
    const warnAbove = await parameterFor(tx, "round.gridWarnAbove", region, today);
    const tooLarge = isGridTooLarge(gridHouseholds, warnAbove.value);
    return {
      reply: { subject: body.subject, region, assigned: ids.length, moved, gridHouseholds, tooLarge },
      audit: [
        {
          action: "assign-grid",
          entity: "grid",
          entityId: body.subject,
          region,
          clause: "M-02",
          changed: { households: ids, moved },
        },
      ],
    };
  },
);

export const listGridsRoute = query(
  {
    operation: "list-grids",
    path: "/grids",
    summary: { zh: "网格及其户数、未入网格农户", en: "Grids with their households, and what no grid covers" },
    clauses: ["M-02"],
    allow: everyone,
    query: z.object({
      region: z
        .string()
        .regex(/^\d{6}(\d{3}(\d{3})?)?$/)
        .optional()
        .describe("A county, a township or a village; the caller's own where absent"),
    }),
    reply: z.object({
      warnAbove: z.int(),
      items: z.array(z.object({ region: z.string(), subject: z.string(), households: z.int(), tooLarge: z.boolean() })),
      outside: z
        .array(z.object({ region: z.string(), households: z.int() }))
        .describe("Villages with households that belong to no grid"),
      villagesWithoutGrid: z.array(z.string()).describe("Villages without a grid worker"),
    }),
    problems: ["invalid-input"],
  },
  async ({ tx, query, actor, today }) => {
    const region = query.region ?? actor.region;
    if (region.length < 6)
      return refuse("invalid-input", {
        errors: [{ pointer: "#query/region", rule: "county-or-smaller", zh: "请指定到县", en: "Name a county or smaller" }],
      });
    const setting = await parameterFor(tx, "round.gridWarnAbove", region, today);
    const warnAbove = setting.value;
    const grids = await gridsIn(tx, rangeOf(region));
    const covered = await villagesWithGridWorker(tx, rangeOf(region));
    return {
      reply: {
        warnAbove,
        items: grids.map((grid) => ({ ...grid, tooLarge: isGridTooLarge(grid.households, warnAbove) })),
        outside: await outsideGrids(tx, rangeOf(region)),
        villagesWithoutGrid: villagesOf(region).filter((village) => !covered.has(village)),
      },
    };
  },
);

/** The villages of a division, itself when it is one. */
export const villagesOf = (region: string): string[] =>
  region.length === 12 && !region.endsWith("000") ? [region] : divisionsUnder(region, "village").map((division) => division.code);
