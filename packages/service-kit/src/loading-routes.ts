import { Bilingual, Refusal, type Role, refuse } from "@shouwang/contract";
import {
  allSettings,
  findParameter,
  findSetting,
  getClause,
  type ParameterKey,
  parameterInForce,
  type Ratio,
  type Setting,
} from "@shouwang/plan";
import { isWithin, toRegionCode } from "@shouwang/regions";
import { z } from "zod";
import type { Tx } from "./database.ts";
import { kitFor, type Route, type Service } from "./declare.ts";
import {
  findLoading,
  type Loading,
  type LoadingDocument,
  listLoadings,
  loadDocument,
  type SettingState,
  settingsOf,
  withdrawLoading,
} from "./loading.ts";
import { checkLoading, type LoadingRow } from "./loading-decide.ts";
import { readLoadingSheet } from "./loading-sheet.ts";
import { everyone } from "./offices.ts";
import { afterCursor, cutPage, PageQuery, pageOf } from "./page.ts";
import { parameterFor, settingRows } from "./parameter.ts";
import { SettingValue, toldValue } from "./parameter-value.ts";
import type { Principal } from "./principal.ts";

const loaders: readonly Role[] = ["region-officer", "city-officer", "county-officer"];
const Code = z.string().regex(/^\d{12}$/);

const About = z.object({
  document: z.string().trim().min(2).max(200).describe("Number or name of the document"),
  title: z.string().trim().max(200).optional(),
  issuedBy: z.string().trim().max(100).optional(),
  issuedOn: z.iso.date().optional(),
});
const Row = z.strictObject({
  key: z.string().max(100),
  region: Code,
  value: SettingValue,
  validFrom: z.iso.date(),
  validTo: z.iso.date().nullable().default(null),
});
const LoadingView = z.object({
  id: z.string(),
  region: z.string().describe("Area of the office that loaded it"),
  document: z.string(),
  title: z.string().nullable(),
  issuedBy: z.string().nullable(),
  issuedOn: z.string().nullable(),
  rows: z.int(),
  loadedAt: z.string(),
  withdrawnAt: z.string().nullable(),
  withdrawnBecause: z.string().nullable(),
});
const viewOf = (loading: Loading): z.input<typeof LoadingView> => ({
  ...loading,
  loadedAt: loading.loadedAt.toISOString(),
  withdrawnAt: loading.withdrawnAt?.toISOString() ?? null,
});

const SettingView = z.object({
  key: z.string(),
  kind: z.enum(["parameter", "issued-target"]),
  clause: z.string(),
  title: Bilingual,
  unit: z.string(),
  lowest: z.string().describe("Lowest level it may be set for"),
  state: z
    .enum(["in-force", "not-loaded", "not-issued", "open"])
    .describe("not-loaded: waits for a document; not-issued: no target was issued; open: empty on purpose, there is no limit"),
  value: z.unknown(),
  region: z.string().nullable().describe("Division it is set for"),
  validFrom: z.string().nullable(),
  validTo: z.string().nullable(),
  document: z.string().nullable(),
});

/** Loading of what documents set: parameters, base figures, lists and issued targets, the same for every department. */
export function loadingRoutes<Db>(service: Service<Db>): Route<Db>[] {
  const { command, query } = kitFor<Db>();
  const told = (settings: readonly SettingState[]) =>
    settings.map((setting) =>
      service.parameterChanged.of(setting.settingId, setting.version, setting.region, {
        parameterId: setting.settingId,
        key: setting.key,
        region: setting.region,
        from: setting.validFrom,
        until: setting.validTo,
        ...toldValue(findSetting(setting.key)?.unit ?? "list", setting.value),
      }),
    );
  /** Checks a document's rows and sets them: the one way in, whatever door they came by. */
  const load = async (tx: Tx<Db>, actor: Principal, now: Date, about: LoadingDocument, rows: readonly LoadingRow[]) => {
    const errors = checkLoading(rows, { area: actor.region, counties: actor.counties, limit: await limitsFor(tx, rows) });
    if (errors.length > 0) return refuse("invalid-input", { errors });
    const { loadingId, settings } = await loadDocument(tx, actor, about, rows, now);
    const audit = settings.map((setting) => ({
      action: "load-setting",
      entity: "parameter",
      entityId: setting.settingId,
      region: setting.region,
      changed: { key: setting.key, value: setting.value, from: setting.validFrom, document: about.document },
    }));
    return { loadingId, settings, events: told(settings), audit };
  };

  return [
    query(
      {
        operation: "list-settings",
        path: "/settings",
        summary: {
          zh: "本部门的参数与下达任务(未下达、未载入的标明)",
          en: "What is set here and what still waits for its document",
        },
        allow: everyone,
        query: z.object({
          region: Code.default("450000000000"),
          date: z.iso.date().optional(),
          clause: z.string().max(8).optional(),
          state: SettingView.shape.state.optional(),
        }),
        reply: z.object({ items: z.array(SettingView) }),
        problems: [],
      },
      async ({ tx, query: { region, date, clause, state }, today }) => {
        const rows = await settingRows(tx, date ?? today);
        const own = allSettings().filter(
          (setting) =>
            ["platform", service.name].includes(getClause(setting.clause).owner) &&
            (clause === undefined || setting.clause === clause),
        );
        const items = own.map((setting) => standing(setting, rows, region, date ?? today));
        return { reply: { items: state === undefined ? items : items.filter((item) => item.state === state) } };
      },
    ),
    command(
      {
        method: "post",
        operation: "load-settings",
        path: "/loadings",
        summary: {
          zh: "按文件录入参数、基数或下达任务",
          en: "Load what a document sets: parameters, base figures, lists, issued targets",
        },
        allow: loaders,
        body: About.extend({ rows: z.array(Row).min(1).max(5_000) }),
        reply: LoadingView,
        status: 201,
        problems: ["invalid-input"],
      },
      async ({ tx, body: { rows, ...about }, actor, now }) => {
        const loaded = await load(tx, actor, now, about, rows);
        if (loaded instanceof Refusal) return loaded;
        const loading = await findLoading(tx, loaded.loadingId);
        if (!loading) throw new Error("a loading that was just made is not there");
        return { reply: viewOf(loading), events: loaded.events, audit: loaded.audit };
      },
    ),
    command(
      {
        method: "post",
        operation: "load-parameter",
        path: "/parameters",
        summary: { zh: "录入一个参数(注明文件)", en: "Load one value with its document" },
        allow: loaders,
        body: Row.extend({ document: About.shape.document }),
        reply: z.object({
          key: z.string(),
          region: z.string(),
          value: z.unknown(),
          validFrom: z.string(),
          validTo: z.string().nullable(),
          document: z.string(),
        }),
        status: 201,
        problems: ["not-found", "invalid-input"],
      },
      async ({ tx, body: { document, ...row }, actor, now }) => {
        if (!findSetting(row.key)) return refuse("not-found");
        const loaded = await load(tx, actor, now, { document }, [row]);
        if (loaded instanceof Refusal)
          return refuse("invalid-input", {
            errors: loaded.errors.map((error) => ({ ...error, pointer: error.pointer.replace("/rows/0", "") })),
          });
        return { reply: { ...row, document }, events: loaded.events, audit: loaded.audit };
      },
    ),
    query(
      {
        operation: "check-loading",
        path: "/loading-checks",
        summary: { zh: "试录入:只检查,不保存", en: "Check what a document would set, keeping nothing" },
        allow: loaders,
        body: z.object({ rows: z.array(Row).min(1).max(5_000) }),
        reply: z.object({
          rows: z.int(),
          replaces: z.int().describe("Settings of the same key, division and day that it would replace"),
        }),
        problems: ["invalid-input"],
      },
      async ({ tx, body: { rows }, actor }) => {
        const errors = checkLoading(rows, { area: actor.region, counties: actor.counties, limit: await limitsFor(tx, rows) });
        if (errors.length > 0) return refuse("invalid-input", { errors });
        const present = new Set((await settingRows(tx, null)).map((row) => `${row.key} ${row.region} ${row.validFrom}`));
        const replaces = rows.filter((row) => present.has(`${row.key} ${row.region} ${row.validFrom}`)).length;
        return { reply: { rows: rows.length, replaces } };
      },
    ),
    command(
      {
        method: "post",
        operation: "load-setting-sheet",
        path: "/loading-sheets",
        summary: { zh: "按表格录入:一县一数(xlsx、csv)", en: "Load a table of one value a division" },
        allow: loaders,
        upload: true,
        body: About.extend({
          key: z.string().max(100),
          validFrom: z.iso.date(),
          validTo: z.iso.date().optional(),
        }),
        reply: LoadingView,
        status: 201,
        problems: ["invalid-input"],
      },
      async ({ tx, body: { key, validFrom, validTo, ...about }, upload, actor, now }) => {
        const setting = findSetting(key);
        if (!setting)
          return refuse("invalid-input", {
            errors: [{ pointer: "/key", rule: "unknown-setting", zh: "没有这个参数或指标", en: "Nothing is set under this key" }],
          });
        const content = upload?.content ?? Buffer.alloc(0);
        const read = await readLoadingSheet(content, { setting, validFrom, validTo: validTo ?? null, area: actor.region });
        if ("errors" in read) return refuse("invalid-input", { errors: read.errors });
        const loaded = await load(tx, actor, now, about, read.rows);
        if (loaded instanceof Refusal)
          return refuse("invalid-input", {
            errors: loaded.errors.map((error) => ({ ...error, pointer: atLine(error.pointer, read.lines) })),
          });
        const loading = await findLoading(tx, loaded.loadingId);
        if (!loading) throw new Error("a loading that was just made is not there");
        return { reply: viewOf(loading), events: loaded.events, audit: loaded.audit };
      },
    ),
    query(
      {
        operation: "list-loadings",
        path: "/loadings",
        summary: { zh: "已录入的文件", en: "Documents that were loaded" },
        allow: everyone,
        query: PageQuery,
        reply: pageOf(LoadingView),
        problems: [],
      },
      async ({ tx, query: { cursor, limit } }) => {
        const page = cutPage(await listLoadings(tx, afterCursor(cursor), limit), limit, (row) => row.id);
        return { reply: { items: page.items.map(viewOf), next: page.next } };
      },
    ),
    query(
      {
        operation: "read-loading",
        path: "/loadings/{loadingId}",
        summary: { zh: "一份文件录入的内容", en: "What one document set" },
        allow: everyone,
        params: z.object({ loadingId: z.uuid() }),
        reply: LoadingView.extend({
          settings: z.array(
            z.object({
              key: z.string(),
              region: z.string(),
              value: z.unknown(),
              validFrom: z.string(),
              validTo: z.string().nullable(),
              holds: z.boolean(),
            }),
          ),
        }),
        problems: ["not-found"],
      },
      async ({ tx, params }) => {
        const loading = await findLoading(tx, params.loadingId);
        if (!loading) return refuse("not-found");
        const settings = (await settingsOf(tx, loading.id)).map(({ settingId: _, version: __, ...setting }) => setting);
        return { reply: { ...viewOf(loading), settings } };
      },
    ),
    command(
      {
        method: "post",
        operation: "withdraw-loading",
        path: "/loadings/{loadingId}/withdrawal",
        summary: { zh: "撤回录错的文件", en: "Take a document back that was loaded by mistake" },
        allow: loaders,
        params: z.object({ loadingId: z.uuid() }),
        body: z.object({ because: z.string().trim().min(4).max(200) }),
        reply: z.object({ settings: z.int().describe("Settings that changed by it") }),
        problems: ["not-found", "state-conflict"],
      },
      async ({ tx, params, body, actor, now }) => {
        const loading = await findLoading(tx, params.loadingId);
        // Whoever may set for that area may take it back: the office itself, or one above it.
        if (!loading || !isWithin(toRegionCode(loading.region.replace(/(00)+$/, "") || "45"), actor.region))
          return refuse("not-found");
        const settings = await withdrawLoading(tx, actor, loading.id, body.because, now);
        if (!settings)
          return refuse("state-conflict", { detail: { zh: "该文件已经撤回", en: "That document was taken back already" } });
        return {
          reply: { settings: settings.length },
          events: told(settings),
          audit: [
            {
              action: "withdraw-loading",
              entity: "loading",
              entityId: loading.id,
              region: loading.region,
              purpose: body.because,
              changed: { document: loading.document, settings: settings.length },
            },
          ],
        };
      },
    ),
  ];
}

const atLine = (pointer: string, lines: readonly number[]): string =>
  pointer.replace(/^\/rows\/(\d+)\//, (_, at: string) => `/file/${lines[Number(at)] ?? at}/`);

/** How a setting stands for a division on a day. A parameter set above holds below; an issued target holds where it was issued and nowhere else. */
function standing(
  setting: Setting,
  rows: Awaited<ReturnType<typeof settingRows>>,
  region: string,
  date: string,
): z.input<typeof SettingView> {
  const { key, kind, clause, title, unit, lowest } = setting;
  const about = { key, kind, clause, title, unit, lowest };
  const code = toRegionCode(region);
  const own = rows.filter((row) => row.key === key && (kind === "parameter" || row.region === region));
  const row = parameterInForce(own, key, code, date);
  if (row) {
    const { value, validFrom, validTo, document } = row;
    return { ...about, state: "in-force", value, region: row.region, validFrom, validTo, document };
  }
  const definition = findParameter(key);
  const nothing = { ...about, value: null, region: null, validFrom: null, validTo: null, document: null };
  if (!definition) return { ...nothing, state: "not-issued" };
  if (definition.value === null) return { ...nothing, state: definition.state };
  const { value, validFrom, validTo, document } = definition;
  return { ...about, state: "in-force", value, region: "450000000000", validFrom, validTo, document: document.zh };
}

/** The limits that some rows are held against, read once. */
async function limitsFor<Db>(tx: Tx<Db>, rows: readonly LoadingRow[]) {
  const limits = new Map<string, number | Ratio | null>();
  for (const row of rows) {
    const { floor, ceiling } = findSetting(row.key)?.within ?? {};
    for (const key of [floor, ceiling]) {
      const definition = key === undefined ? undefined : findParameter(key);
      const place = `${key} ${row.region} ${row.validFrom}`;
      if (!definition || limits.has(place) || !/^\d{12}$/.test(row.region)) continue;
      const { value } = await parameterFor(tx, definition.key satisfies ParameterKey, row.region, row.validFrom);
      limits.set(
        place,
        typeof value === "number" || (typeof value === "object" && value !== null && "numerator" in value) ? value : null,
      );
    }
  }
  return (key: string, region: string, date: string) => limits.get(`${key} ${region} ${date}`) ?? null;
}
