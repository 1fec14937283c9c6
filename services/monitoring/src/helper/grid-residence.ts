import { HouseholdId, RegionCode, refuse } from "@shouwang/contract";
import { findDivision, levelOf, rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, mayReach, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { findHousehold } from "../household/store.ts";
import { command, query } from "../kit.ts";
import { markVillages } from "../round/store.ts";
import { holdHouseholds } from "../visit/store.ts";
import { leaveGrid, lockHouseholds, saveResidence, unassignedHouseholds } from "./grid-store.ts";

export const setResidence = command(
  {
    method: "put",
    operation: "set-household-residence",
    path: "/households/{householdId}/residence",
    summary: {
      zh: "登记实际居住村(安置区等;网格按居住地,档案按户籍地)",
      en: "Say where a household lives, a resettlement site for one: its grid is there, its file stays where it is registered",
    },
    clauses: ["M-02"],
    allow: ["township-officer", "county-officer"],
    params: z.object({ householdId: HouseholdId }),
    body: z.object({
      residence: RegionCode.nullable().describe("Village or community it lives in; null: where it is registered"),
    }),
    reply: z.object({ householdId: z.string(), region: z.string(), place: z.string(), leftGrid: z.boolean() }),
    problems: ["household-not-found", "invalid-input", "outside-area"],
  },
  async ({ tx, params, body: { residence }, actor, today }) => {
    const household = await findHousehold(tx, params.householdId);
    const [held] = household ? await lockHouseholds(tx, [household.id]) : [];
    if (!household || !held) return refuse("household-not-found");
    if (residence !== null) {
      const division = findDivision(residence);
      if (!division || levelOf(division.code) !== "village" || residence.slice(0, 6) !== household.region.slice(0, 6)) {
        return refuse("invalid-input", {
          errors: [
            {
              pointer: "/residence",
              rule: "village-of-county",
              zh: "居住地须为同县的行政村或社区;跨县的请办理迁移",
              en: "A village or community of the same county; into another one a household moves",
              clause: "M-02",
            },
          ],
        });
      }
      if (!mayReach(actor, residence)) return refuse("outside-area");
    }
    const place = residence ?? household.region;
    await saveResidence(tx, household.id, residence === household.region ? null : residence);
    const left = place === held.place ? 0 : await leaveGrid(tx, [household.id], today);
    const month = today.slice(0, 7);
    await markVillages(tx, [
      { month, place },
      { month, place: held.place },
    ]);
    const about = {
      action: "set-residence",
      entity: "household",
      entityId: household.id,
      region: household.region,
      clause: "M-02",
    };
    const after = (await holdHouseholds(tx, [household.id])).get(household.id);
    return {
      reply: { householdId: household.id, region: household.region, place: after?.place ?? place, leftGrid: left > 0 },
      audit: [{ ...about, changed: { from: held.place, to: place } }],
    };
  },
);

export const listUnassigned = query(
  {
    operation: "list-unassigned-households",
    path: "/grids/unassigned",
    summary: { zh: "未入网格农户清单", en: "Households that belong to no grid" },
    clauses: ["M-02"],
    allow: everyone,
    query: PageQuery.extend({
      region: z
        .string()
        .regex(/^\d{6}(\d{3}(\d{3})?)?$/)
        .optional()
        .describe("A county, a township or a village; the caller's own where absent"),
    }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string(), place: z.string(), hamlet: z.string().nullable() })),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit }, actor }) => {
    const rows = await unassignedHouseholds(tx, { area: rangeOf(region ?? actor.region), after: afterCursor(cursor), limit });
    return { reply: cutPage(rows, limit, (row) => row.householdId) };
  },
);
