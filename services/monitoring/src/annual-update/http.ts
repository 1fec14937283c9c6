import { DateText, refuse } from "@shouwang/contract";
import { findDivision, rangeOf } from "@shouwang/regions";
import {
  actorOf,
  endOfDay,
  everyone,
  mayReach,
  PageQuery,
  pageOf,
  parameterFor,
  parseBusinessDate,
  startOfDay,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { afterPlaceCursor, cutPlaces } from "../focus-household/page.ts";
import { Area, digitsBelow, nameOf } from "../focus-household/views.ts";
import { incomeYear } from "../household-income/decide.ts";
import { command, query, round, slice } from "../kit.ts";
import { confirmHousehold } from "./confirm.ts";
import {
  type AnnualUpdate,
  closeAnnualUpdate,
  countConfirmed,
  findAnnualUpdate,
  insertAnnualUpdate,
  listUnconfirmed,
  lockAnnualUpdate,
  openUpdates,
} from "./store.ts";

const County = z.string().regex(/^\d{6}$/);
const YearPath = z.object({ year: z.coerce.number().int().min(2000).max(2100) });
const UpdateView = z.object({
  annualUpdateId: z.string(),
  county: z.string(),
  year: z.int(),
  status: z.enum(["open", "closed"]),
  openedOn: z.string(),
  closesOn: z.string(),
  closedOn: z.string().nullable(),
  figures: z.object({ households: z.int(), confirmed: z.int() }).nullable().describe("Frozen when it was closed"),
  version: z.int(),
});
const updateView = ({ id, ...update }: AnnualUpdate): z.input<typeof UpdateView> => ({ ...update, annualUpdateId: id });
const auditOf = (action: string, update: AnnualUpdate) => ({
  action,
  entity: "annual-update",
  entityId: update.id,
  region: update.county.padEnd(12, "0"),
  clause: "M-05",
  changed: { year: update.year, closesOn: update.closesOn, figures: update.figures },
});

const openAnnualUpdate = command(
  {
    method: "post",
    operation: "open-annual-update",
    path: "/annual-updates",
    summary: { zh: "启动年度动态管理", en: "Open a county's yearly update of members and incomes" },
    clauses: ["M-05"],
    allow: ["county-officer"],
    body: z.object({ county: County, year: z.int().min(2000).max(2100), closesOn: DateText }),
    reply: UpdateView,
    status: 201,
    problems: ["unknown-division", "outside-area", "invalid-input", "already-exists"],
  },
  async ({ tx, body: { county, year, closesOn }, actor, today }) => {
    const region = county.padEnd(12, "0");
    if (!findDivision(region)) return refuse("unknown-division");
    if (!mayReach(actor, region)) return refuse("outside-area");
    const basis = await parameterFor(tx, "income.yearBasis", region, today);
    if (closesOn < today || incomeYear(year, basis.value ?? "calendar").from > today)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/closesOn",
            rule: "period",
            zh: "截止日不得早于今天,年度须已开始",
            en: "It closes today or later, of a year that has begun",
            clause: "M-05",
          },
        ],
      });
    const started = { status: "open", openedOn: today, closesOn, closedOn: null, figures: null, version: 1 } as const;
    const update = { id: uuidv7(), county, year, ...started };
    if (!(await insertAnnualUpdate(tx, update, actorOf(actor)))) return refuse("already-exists");
    return { reply: updateView(update), audit: [auditOf("open-annual-update", update)] };
  },
);

const closeUpdate = command(
  {
    method: "post",
    operation: "close-annual-update",
    path: "/annual-updates/{year}/{county}/closing",
    summary: {
      zh: "结束年度动态管理(数据冻结)",
      en: "Close a year's update: its figures are frozen, incomes of the year change by correction only",
    },
    clauses: ["M-05"],
    allow: ["county-officer"],
    params: YearPath.extend({ county: County }),
    reply: UpdateView,
    problems: ["not-found", "annual-update-closed"],
  },
  async ({ tx, params: { year, county }, actor, today }) => {
    if (!mayReach(actor, county.padEnd(12, "0"))) return refuse("not-found");
    const update = await lockAnnualUpdate(tx, county, year, "update");
    if (!update) return refuse("not-found");
    if (update.status === "closed") return refuse("annual-update-closed");
    const [counted] = await countConfirmed(tx, { year, area: rangeOf(county), digits: 6 });
    const figures = { households: counted?.households ?? 0, confirmed: counted?.confirmed ?? 0 };
    const closed = { ...update, status: "closed" as const, closedOn: today, figures, version: update.version + 1 };
    await closeAnnualUpdate(tx, closed, actorOf(actor));
    return { reply: updateView(closed), audit: [auditOf("close-annual-update", closed)] };
  },
);

const readUpdate = query(
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

const listMissingConfirmations = query(
  {
    operation: "list-unconfirmed-households",
    path: "/annual-updates/{year}/missing",
    summary: { zh: "年度未签字确认的农户", en: "Households that have not signed for the year" },
    clauses: ["M-05"],
    allow: everyone,
    params: YearPath,
    query: PageQuery.extend({ region: Area.optional() }),
    reply: pageOf(z.object({ householdId: z.string(), region: z.string() })),
    problems: [],
  },
  async ({ tx, params: { year }, query: { region, cursor, limit }, actor }) => {
    const given = { year, area: rangeOf(region ?? actor.region), after: afterPlaceCursor(cursor), limit };
    return { reply: cutPlaces(await listUnconfirmed(tx, given), limit) };
  },
);

/** The yearly update as a round: `2022/451228` is a county's of a year. */
const annualUpdateRound = round({
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

export const annualUpdateSlice = slice({
  name: "annual-update",
  title: { zh: "年度动态管理", en: "Annual update" },
  routes: [openAnnualUpdate, confirmHousehold, closeUpdate, readUpdate, listMissingConfirmations],
  rounds: [annualUpdateRound],
});
