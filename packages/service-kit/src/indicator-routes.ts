import { Bilingual, Month, Refusal, refuse } from "@shouwang/contract";
import { divisionsUnder, findDivision, isWithin, pathOf, province, type RegionCode } from "@shouwang/regions";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { addDays, firstDayOf, monthOf } from "./calendar.ts";
import { kitFor, type Route, type Service } from "./declare.ts";
import { type Figure, figuresOf, findSnapshot, insertSnapshot, isKept, listSnapshots, type Snapshot } from "./indicator.ts";
import { lightOf, ranked, type TargetState } from "./indicator-decide.ts";
import { frozenEvent } from "./indicator-job.ts";
import { everyone } from "./offices.ts";
import type { Principal } from "./principal.ts";

const Code = z.string().regex(/^[A-Z]-\d{2}[a-c]?(-[a-z-]{1,40})?$/);
const Region = z.string().regex(/^\d{12}$/);

const FigureView = z.object({
  code: z.string(),
  clause: z.string(),
  title: Bilingual,
  region: z.string(),
  place: z.string(),
  month: z.string(),
  state: z.enum(["live", "preliminary", "frozen", "corrected"]),
  unit: z.string(),
  value: z.number().nullable().describe("null while there is nothing to count"),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  target: z.number().nullable(),
  targetState: z.enum(["plan", "issued", "baseline", "not-issued", "not-loaded", "none"]),
  direction: z.enum([">=", ">", "="]).nullable(),
  light: z.enum(["green", "yellow", "red", "grey"]),
  asOf: z.string(),
  list: z.string().nullable().describe("Path of what stands behind the figure"),
  reason: z.string().nullable().describe("Why a frozen figure was corrected"),
});
type View = z.input<typeof FigureView>;

const placeOf = (region: string): string => pathOf(region).join("");
const nameOf = (state: TargetState): View["targetState"] => (typeof state === "string" ? state : state.from);

const liveView = (figure: Figure, month: Month): View => ({
  code: figure.code,
  clause: figure.clause,
  title: figure.title,
  region: figure.region,
  place: placeOf(figure.region),
  month,
  state: "live",
  unit: figure.unit,
  value: figure.value,
  numerator: figure.numerator ?? null,
  denominator: figure.denominator ?? null,
  target: figure.target,
  targetState: nameOf(figure.targetState),
  direction: figure.direction,
  light: lightOf(figure, figure.targetState, month),
  asOf: figure.asOf,
  list: figure.list ?? null,
  reason: null,
});

/** A kept figure's target, as it was when it was kept. */
const keptTarget = ({ target, direction }: Snapshot): TargetState =>
  target === null ? "none" : { value: target, direction: direction ?? ">=", from: "plan", document: null };

const keptView = (row: Snapshot): View => ({
  code: row.code,
  clause: row.clause,
  title: row.title,
  region: row.region,
  place: placeOf(row.region),
  month: row.month,
  state: row.revision === 0 ? "preliminary" : row.revision === 1 ? "frozen" : "corrected",
  unit: row.unit,
  value: row.value,
  numerator: row.numerator,
  denominator: row.denominator,
  target: row.target,
  targetState: nameOf(keptTarget(row)),
  direction: row.direction,
  light: lightOf(row, keptTarget(row), row.month),
  asOf: row.asOf.toISOString(),
  list: row.list,
  reason: row.reason,
});

/** A division the caller may look at; its own area where none is named. */
function areaOf(actor: Principal, region: string | undefined): RegionCode | Refusal<"outside-area"> {
  const code = region ?? (actor.region === "" ? province().code : actor.region.padEnd(12, "0"));
  const division = findDivision(code);
  const narrowed = actor.counties !== undefined && !actor.counties.includes(code.slice(0, 6));
  return division && isWithin(division.code, actor.region) && !narrowed ? division.code : refuse("outside-area");
}

/** The figures of this department's clauses by division and month, the same for every department. */
export function indicatorRoutes<Db>(service: Service<Db>): Route<Db>[] {
  const { command, query } = kitFor<Db>();
  return [
    query(
      {
        operation: "list-indicators",
        path: "/indicators",
        summary: {
          zh: "本部门各条款指标(某地某月;本月为实时)",
          en: "This department's figures of a division and month; live in the present one",
        },
        allow: everyone,
        query: z.object({ region: Region.optional(), month: Month.optional(), clause: z.string().max(8).optional() }),
        reply: z.object({ items: z.array(FigureView) }),
        problems: ["outside-area"],
      },
      async ({ tx, query: asked, actor, now, today }) => {
        const region = areaOf(actor, asked.region);
        if (region instanceof Refusal) return region;
        const present = monthOf(today);
        const items =
          asked.month === undefined || asked.month === present
            ? (await figuresOf(tx, service, actor, region, { now, today })).map((figure) => liveView(figure, present))
            : (await listSnapshots(tx, { regions: [region], from: asked.month, to: asked.month })).map(keptView);
        return { reply: { items: items.filter(({ clause }) => asked.clause === undefined || clause === asked.clause) } };
      },
    ),
    query(
      {
        operation: "indicator-months",
        path: "/indicators/{code}/months",
        summary: { zh: "指标逐月趋势", en: "A figure month by month" },
        allow: everyone,
        params: z.object({ code: Code }),
        query: z.object({ region: Region.optional(), from: Month.optional(), to: Month.optional() }),
        reply: z.object({ items: z.array(FigureView) }),
        problems: ["not-found", "outside-area"],
      },
      async ({ tx, params, query: { region: asked, from, to }, actor, today }) => {
        const region = areaOf(actor, asked);
        if (region instanceof Refusal) return region;
        const present = monthOf(today);
        const yearAgo = `${Number(present.slice(0, 4)) - 1}${present.slice(4)}`;
        const rows = await listSnapshots(tx, { code: params.code, regions: [region], from: from ?? yearAgo, to: to ?? present });
        if (rows.length === 0 && !(await isKept(tx, params.code))) return refuse("not-found");
        return { reply: { items: rows.map(keptView) } };
      },
    ),
    query(
      {
        operation: "indicator-divisions",
        path: "/indicators/{code}/divisions",
        summary: {
          zh: "指标分地区排名(同分同名次,未下达任务不排名)",
          en: "A figure by division, ranked; equal ones share a rank, those without a target have none",
        },
        allow: everyone,
        params: z.object({ code: Code }),
        query: z.object({ region: Region.optional(), month: Month.optional() }),
        reply: z.object({
          month: z.string(),
          items: z.array(
            FigureView.extend({
              rank: z.int().nullable(),
              change: z.int().nullable().describe("Places won since the month before"),
            }),
          ),
        }),
        problems: ["not-found", "outside-area"],
      },
      async ({ tx, params, query: asked, actor, today }) => {
        const region = areaOf(actor, asked.region);
        if (region instanceof Refusal) return region;
        const month = asked.month ?? monthOf(today);
        const before = monthOf(addDays(firstDayOf(month), -1));
        const level = region === province().code ? "county" : undefined;
        const regions = (region.endsWith("00000000") ? divisionsUnder(region, level ?? "county") : [{ code: region }]).map(
          ({ code }) => code,
        );
        const places = async (of: string) =>
          ranked(
            (await listSnapshots(tx, { code: params.code, regions, from: of, to: of })).map((row) => ({
              ...row,
              target: keptTarget(row),
              row,
            })),
          );
        const earlier = new Map((await places(before)).map(({ region: place, rank }) => [place, rank]));
        const items = (await places(month)).map(({ row, rank }) => {
          const was = earlier.get(row.region) ?? null;
          return { ...keptView(row), rank, change: rank === null || was === null ? null : was - rank };
        });
        if (items.length === 0 && !(await isKept(tx, params.code))) return refuse("not-found");
        return { reply: { month, items: items.sort((a, b) => (a.rank ?? 999) - (b.rank ?? 999)) } };
      },
    ),
    command(
      {
        method: "post",
        operation: "correct-indicator",
        path: "/indicators/{code}/corrections",
        summary: { zh: "更正已冻结的指标(须注明原因和文件)", en: "Correct a frozen figure, with its reason and document" },
        allow: ["region-officer"],
        params: z.object({ code: Code }),
        body: z.object({
          region: Region,
          month: Month,
          numerator: z.int().nonnegative(),
          denominator: z.int().positive().optional().describe("Where the figure is a share"),
          reason: z.string().trim().min(4).max(200),
          document: z.string().trim().min(2).max(200),
        }),
        reply: FigureView,
        status: 201,
        problems: ["not-found", "outside-area", "state-conflict", "invalid-input"],
      },
      async ({ tx, params, body, actor, now }) => {
        if (!(await isKept(tx, params.code))) return refuse("not-found");
        const region = areaOf(actor, body.region);
        if (region instanceof Refusal) return region;
        const stands = await findSnapshot(tx, params.code, region, body.month);
        if (!stands) return refuse("not-found");
        if (stands.revision === 0)
          return refuse("state-conflict", {
            detail: { zh: "该月尚未冻结,数据仍会自动更新", en: "The month is not frozen yet: its figure is still counted" },
          });
        if ((stands.denominator !== null) !== (body.denominator !== undefined))
          return refuse("invalid-input", {
            errors: [
              {
                pointer: "/denominator",
                rule: "share-has-denominator",
                zh: "比例类指标须填分母,其他指标不填",
                en: "A share needs its denominator, any other figure has none",
                clause: stands.clause,
              },
            ],
          });
        const corrected = {
          ...stands,
          id: uuidv7(),
          revision: stands.revision + 1,
          numerator: body.denominator === undefined ? stands.numerator : body.numerator,
          denominator: body.denominator ?? null,
          value: body.denominator === undefined ? body.numerator : Math.floor((body.numerator * 10_000) / body.denominator) / 100,
          asOf: now,
          reason: body.reason,
          document: body.document,
        };
        if (!(await insertSnapshot(tx, { ...corrected, by: actor.subject }, false)))
          return refuse("state-conflict", { detail: { zh: "该指标刚被他人更正", en: "Somebody corrected it a moment ago" } });
        const event = frozenEvent(service, corrected);
        return {
          reply: keptView(corrected),
          events: event ? [event] : [],
          audit: [
            {
              action: "correct-indicator",
              entity: "indicator",
              entityId: `${params.code} ${body.month}`,
              region,
              clause: stands.clause,
              purpose: body.reason,
              changed: { from: stands.value, to: corrected.value, document: body.document, revision: corrected.revision },
            },
          ],
        };
      },
    ),
  ];
}
