import { rangeOf } from "@shouwang/regions";
import { endOfDay, everyone, PageQuery, pageOf, parseBusinessDate, startOfDay } from "@shouwang/service-kit";
import { z } from "zod";
import { afterPlaceCursor, cutPlaces } from "../focus-household/page.ts";
import { Area, digitsBelow, nameOf } from "../focus-household/views.ts";
import { query, round } from "../kit.ts";
import { countConfirmed, findAnnualUpdate, listUnconfirmed, openUpdates } from "./store.ts";
import { UpdateView, updateView, YearPath } from "./views.ts";

export const readUpdate = query(
  {
    operation: "read-annual-update",
    path: "/annual-updates/{year}",
    summary: { zh: "年度动态管理进度", en: "The yearly update by place" },
    clauses: ["M-05"],
    allow: everyone,
    params: YearPath,
    query: z.object({ region: Area.optional() }),
    reply: z.object({
      update: UpdateView.nullable().describe("The county's round, where the area lies in one county"),
      items: z.array(
        z.object({ region: z.string(), name: z.string(), households: z.int(), confirmed: z.int(), missing: z.int() }),
      ),
    }),
    problems: [],
  },
  async ({ tx, params: { year }, query: { region }, actor }) => {
    const prefix = region ?? actor.region;
    const update = prefix.length < 6 ? undefined : await findAnnualUpdate(tx, prefix, year);
    const places = await countConfirmed(tx, { year, area: rangeOf(prefix), digits: digitsBelow(prefix) });
    const items = places.map((place) => ({ ...place, name: nameOf(place.region), missing: place.households - place.confirmed }));
    return { reply: { update: update ? updateView(update) : null, items } };
  },
);

export const listMissingConfirmations = query(
  {
    operation: "list-unconfirmed-households",
    path: "/annual-updates/{year}/missing",
    summary: { zh: "年度未签字确认的农户", en: "Households that have not signed for the year" },
    clauses: ["M-05"],
    allow: everyone,
    params: YearPath,
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string() })),
    exports: {},
    problems: [],
  },
  async ({ tx, params: { year }, query: { region, cursor, limit }, actor }) => {
    const given = { year, area: rangeOf(region ?? actor.region), after: afterPlaceCursor(cursor), limit };
    return { reply: cutPlaces(await listUnconfirmed(tx, given), limit) };
  },
);

/** The yearly update as a round: `2022/451228` is a county's of a year. */
export const annualUpdateRound = round({
  kind: "annual-update",
  clause: "M-05",
  entity: "annual-update",
  roles: ["village-officer", "township-officer", "county-officer"],
  toldBy: 12,
  periods: async ({ tx }) =>
    (await openUpdates(tx)).map(({ year, county, openedOn, closesOn }) => ({
      period: `${year}/${county}`,
      startsAt: startOfDay(parseBusinessDate(openedOn)),
      dueAt: endOfDay(parseBusinessDate(closesOn)),
    })),
  open: async ({ tx, period, digits }) => {
    const [year = "", county = ""] = period.split("/");
    const places = await countConfirmed(tx, { year: Number(year), area: rangeOf(county), digits });
    return places.flatMap(({ region, households, confirmed }) =>
      households > confirmed ? [{ region, open: households - confirmed }] : [],
    );
  },
});
