import { codeTitles, columnTitles } from "@shouwang/contract";
import { findDivision, pathOf } from "@shouwang/regions";
import { z } from "zod";
import type { Route } from "./route.ts";
import type { WriteColumn, WriteRow } from "./sheet-write.ts";

type Cell = string | number | null;

/** A column of a list's file: where its value stands in an item, and what is written of it. */
type ExportColumn = WriteColumn & { from: string; cell(value: unknown): Cell };

/** A list that may be asked for as a file: its columns are the fields of its items, as the list shows them. */
export type ExportableList<Db> = { route: Route<Db>; columns: readonly ExportColumn[] };

/** Lists of a service that may be asked for as files, by operation. Throws where one is no list in pages, or a column or a code has no Chinese title. */
export function exportableLists<Db>(routes: readonly Route<Db>[]): Map<string, ExportableList<Db>> {
  const lists = routes.flatMap((route) =>
    route.exports ? [[route.operation, { route, columns: columnsOf(route) }] as const] : [],
  );
  return new Map(lists);
}

function columnsOf<Db>(route: Route<Db>): ExportColumn[] {
  const items = route.reply instanceof z.ZodObject ? route.reply.shape["items"] : undefined;
  const item: unknown = items instanceof z.ZodArray ? items.element : undefined;
  if (route.changes || !(item instanceof z.ZodObject) || route.query?.shape["cursor"] === undefined)
    throw new Error(`${route.operation} is no list in pages, and cannot be a file`);
  return fieldsOf(item).flatMap(({ path, field }): ExportColumn[] => {
    const named = path.endsWith(".zh") && columnTitles[path] === undefined ? path.slice(0, -3) : path;
    const name = named.split(".").at(-1) ?? named;
    const title = titleOf(route, named, name);
    const yuan = name.endsWith("Fen");
    const english = inWords(yuan ? name.slice(0, -3) : name);
    const column = {
      key: path,
      from: path,
      title: yuan ? `${title}(元) ${english} (yuan)` : `${title} ${english}`,
      width: /Id$/.test(name) ? 38 : 18,
      text: !yuan && !(field instanceof z.ZodNumber),
      cell: cellsOf(route, named, name, field),
    };
    // Nobody reads twelve digits: the division's name stands beside its code, where the list does not give the place itself.
    return path !== "region" || "place" in item.shape
      ? [column]
      : [
          column,
          { ...column, key: "placeName", title: `${titleOf(route, "placeName", "placeName")} Place`, width: 30, cell: nameOf },
        ];
  });
}

function titleOf<Db>(route: Route<Db>, path: string, name: string): string {
  const title = route.exports?.titles?.[path] ?? columnTitles[path] ?? columnTitles[name];
  if (title === undefined) throw new Error(`${route.operation}: column ${path} has no Chinese title`);
  return title;
}

/** What is written of a field: money in yuan, yes and no and codes in Chinese, several values in one cell. Throws where a code has no Chinese title. */
function cellsOf<Db>(route: Route<Db>, path: string, name: string, field: unknown): (value: unknown) => Cell {
  const codes = { ...(codeTitles[path] ?? codeTitles[name]), ...route.exports?.codes?.[path] };
  const held = field instanceof z.ZodArray ? bare(field.element) : field;
  for (const code of held instanceof z.ZodEnum ? held.options : [])
    if (codes[code] === undefined) throw new Error(`${route.operation}: ${path} ${code} has no Chinese title`);
  if (held instanceof z.ZodObject) return thingsOf(route, path, held);
  const one = (value: unknown): Cell => {
    if (value === null || value === undefined) return null;
    if (typeof value === "number") return name.endsWith("Fen") ? value / 100 : value;
    if (typeof value === "boolean") return value ? "是" : "否";
    return codes[String(value)] ?? String(value);
  };
  return (value) => (Array.isArray(value) ? value.map((part) => one(part) ?? "").join("、") : one(value));
}

/** A list of things inside an item, in one cell: each in its own words where it has some, else its fields one after another. */
function thingsOf<Db>(route: Route<Db>, path: string, thing: z.ZodObject): (value: unknown) => Cell {
  const fields = fieldsOf(thing).filter(
    ({ field }) => !(field instanceof z.ZodArray && bare(field.element) instanceof z.ZodObject),
  );
  const chosen = "zh" in thing.shape ? ["zh"] : route.exports?.things?.[path];
  const parts = fields.flatMap((field) => {
    if (chosen !== undefined && !chosen.includes(field.path)) return [];
    const name = field.path.split(".").at(-1) ?? field.path;
    return [{ from: field.path, cell: cellsOf(route, field.path, name, field.field) }];
  });
  const say = (value: unknown) => parts.flatMap(({ from, cell }) => cell(valueAt(value, from)) ?? []).join(" ");
  return (value) => (Array.isArray(value) ? value.map(say).join(";").slice(0, longest) : null);
}

/** A cell of a workbook holds no more than 32,767 characters. */
const longest = 32_000;

const nameOf = (code: unknown): Cell => (typeof code === "string" && findDivision(code) ? pathOf(code).join("") : null);

/** What a field of an item is, whatever it may be absent as. */
function bare(schema: unknown): unknown {
  return schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? bare(schema.unwrap())
    : schema;
}

/** The fields as paths: one inside another field is a column of its own. */
function fieldsOf(item: z.ZodObject, base = ""): { path: string; field: unknown }[] {
  return Object.entries(item.shape).flatMap(([name, schema]) => {
    const field = bare(schema);
    const path = `${base}${name}`;
    // What stands in both languages is one column, in Chinese.
    if (field instanceof z.ZodObject && Object.keys(field.shape).sort().join() === "en,zh")
      return [{ path: `${path}.zh`, field: field.shape["zh"] }];
    if (field instanceof z.ZodObject) return fieldsOf(field, `${path}.`);
    return field instanceof z.ZodRecord ? [] : [{ path, field }];
  });
}

/** `firstMeasureAt` in words: "First measure at". */
const inWords = (name: string): string => {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const Row = z.record(z.string(), z.unknown());
function valueAt(item: unknown, path: string): unknown {
  let value: unknown = item;
  for (const name of path.split(".")) value = Row.safeParse(value).data?.[name];
  return value;
}

/** An item as a row of the file. */
export const rowOf = (columns: readonly ExportColumn[], item: unknown): WriteRow =>
  Object.fromEntries(columns.map(({ key, from, cell }) => [key, cell(valueAt(item, from))]));
