import { DateText } from "@shouwang/contract";
import { divisionsUnder, rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { clause, query } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { basesOf, countHolders, countHoldersByDivision, listCounted } from "./figure-store.ts";

/** E-03: lifted and monitored people at a post, each once; a city's and a county's are held against the end of 2020. */
export const holdersAgainstBase = clause({
  clause: "E-03",
  read: async ({ tx, actor, now, today }) => [
    {
      ...{ code: "E-03", clause: "E-03", unit: "persons", target: null, direction: null, asOf: now.toISOString() },
      title: { zh: "公益岗在岗的脱贫人口和监测对象", en: "Lifted and monitored people at a post" },
      value: await countHolders(tx, { area: rangeOf(actor.region), on: today }),
      list: `/api/v1/employment/people-at-posts?on=${today}`,
    },
  ],
});

const asked = {
  region: Area.optional().describe("The caller's own where absent"),
  on: DateText.optional().describe("Day that is counted; today where absent"),
};

export const listPeopleAtPosts = query(
  {
    operation: "list-people-at-posts",
    path: "/people-at-posts",
    summary: { zh: "在岗的脱贫人口和监测对象名单(指标背后的人)", en: "The people behind the figures of posts" },
    clauses: ["E-03", "E-05"],
    allow: everyone,
    query: PageQuery.extend(asked),
    reply: pageOf(
      z.object({
        postHolderId: z.string(),
        postId: z.string(),
        personId: z.string(),
        householdId: z.string(),
        region: z.string(),
        name: z.string().nullable().describe("Masked"),
        from: z.string(),
      }),
    ),
    problems: [],
    exports: {},
  },
  async ({ tx, query: { region, on, cursor, limit }, actor, today }) => {
    const what = { area: rangeOf(region ?? actor.region), on: on ?? today };
    const rows = await listCounted(tx, what, { after: afterCursor(cursor), limit });
    return { reply: cutPage(rows, limit, ({ postHolderId }) => postHolderId) };
  },
);

export const countPeopleAtPosts = query(
  {
    operation: "count-people-at-posts",
    path: "/post-figures",
    summary: { zh: "公益岗在岗人数与2020年底对照(按市或县)", en: "People at posts against the end of 2020, by city or county" },
    clauses: ["E-03"],
    allow: everyone,
    query: z.object({ ...asked, by: z.enum(["city", "county"]).default("county") }),
    reply: z.object({
      on: z.string(),
      items: z.array(
        z.object({
          region: z.string(),
          holders: z.int().describe("Each person once"),
          base: z.int().nullable().describe("At the end of 2020; null while no document has been loaded"),
          state: z.enum(["reached", "below", "not-loaded"]),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, query: { region, on, by }, actor, today }) => {
    const area = region ?? actor.region;
    const day = on ?? today;
    const within = divisionsUnder(area, by).map(({ code }) => code.slice(0, by === "city" ? 4 : 6));
    const divisions = within.length > 0 ? within : [area.slice(0, by === "city" ? 4 : 6)];
    const counts = await countHoldersByDivision(tx, { area: rangeOf(area), on: day }, by === "city" ? 4 : 6);
    const items = (await basesOf(tx, divisions, day)).map(({ region: code, base }) => {
      const holders = counts.get(code) ?? 0;
      const state = base === null ? ("not-loaded" as const) : holders >= base ? ("reached" as const) : ("below" as const);
      return { region: code, holders, base, state };
    });
    return { reply: { on: day, items } };
  },
);
