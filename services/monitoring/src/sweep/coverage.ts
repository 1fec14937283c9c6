import { refuse, SweepId } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { query } from "../kit.ts";
import { Area } from "../round/settings.ts";
import { partsOf, swept } from "./decide.ts";
import { findSweep, keptSweep, notSeenBySweep, sweepByPlace } from "./store.ts";

const SweepPath = z.object({ sweepId: SweepId });
const digitsOf = { village: 12, township: 9, county: 6, city: 4 } as const;

export const readCoverage = query(
  {
    operation: "read-sweep-coverage",
    path: "/sweeps/{sweepId}/coverage",
    summary: { zh: "排查覆盖率(按村、乡镇、县、市)", en: "Coverage of a sweep: households seen of all in its scope" },
    clauses: ["M-01"],
    allow: everyone,
    params: SweepPath,
    query: z.object({
      region: Area.optional().describe("The caller's own where absent"),
      level: z.enum(["village", "township", "county", "city"]).default("village"),
    }),
    reply: z.object({
      status: z.enum(["open", "closing", "closed"]),
      phoneCounts: z.boolean().describe("A call to an absent household counts, and is flagged"),
      source: z
        .enum(["live", "last-counted", "frozen"])
        .describe("Within a county counted now; above it as last counted, seconds ago"),
      items: z.array(
        z.object({
          region: z.string(),
          households: z.int(),
          swept: z.int(),
          atHome: z.int(),
          byCall: z.int().describe("Only reached by a call, being away"),
          notSeen: z.int(),
        }),
      ),
    }),
    problems: ["sweep-not-found"],
  },
  async ({ tx, params, query: { region, level }, actor, today }) => {
    const area = region ?? actor.region;
    const sweep = await findSweep(tx, params.sweepId);
    const parts = sweep ? partsOf(sweep, area) : [];
    if (!sweep || parts.length === 0) return refuse("sweep-not-found");
    const digits = digitsOf[level];
    const source =
      sweep.status === "closed"
        ? ("frozen" as const)
        : rangeOf(area).lo.length < 6
          ? ("last-counted" as const)
          : ("live" as const);
    const counts =
      source === "live" ? await sweepByPlace(tx, sweep, parts, digits) : await keptSweep(tx, sweep.id, rangeOf(area), digits);
    const phoneCounts = (await parameterFor(tx, "sweep.phoneCounts", area, today)).value;
    const items = counts.map((count) => {
      const seen = swept(count, phoneCounts);
      return { ...count, swept: seen, notSeen: count.households - seen };
    });
    return { reply: { status: sweep.status, phoneCounts, source, items } };
  },
);

export const listNotSeen = query(
  {
    operation: "list-sweep-not-seen",
    path: "/sweeps/{sweepId}/not-seen",
    summary: { zh: "未排查农户清单(按村)", en: "Households of the scope that nobody has seen yet, by village" },
    clauses: ["M-01"],
    allow: everyone,
    params: SweepPath,
    query: PageQuery.extend({ region: Area.optional().describe("The caller's own where absent") }),
    reply: pageOf(
      z.object({
        householdId: z.string(),
        region: z.string(),
        place: z.string().describe("Village it lives in"),
        hamlet: z.string().nullable(),
        householdKind: z.string(),
      }),
    ),
    exports: {},
    problems: ["sweep-not-found"],
  },
  async ({ tx, params, query: { region, cursor, limit }, actor, today }) => {
    const area = region ?? actor.region;
    const sweep = await findSweep(tx, params.sweepId);
    const parts = sweep ? partsOf(sweep, area) : [];
    if (!sweep || parts.length === 0) return refuse("sweep-not-found");
    const phoneCounts = (await parameterFor(tx, "sweep.phoneCounts", area, today)).value;
    const rows = await notSeenBySweep(tx, sweep, { parts, phoneCounts, after: afterCursor(cursor), limit });
    return { reply: cutPage(rows, limit, (row) => row.householdId) };
  },
);
