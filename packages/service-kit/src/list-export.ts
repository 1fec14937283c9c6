import { columnTitles } from "@shouwang/contract";
import { z } from "zod";
import type { Route } from "./route.ts";
import type { WriteColumn, WriteRow } from "./sheet-write.ts";

/** A list that may be asked for as a file: its columns are the fields of its items, as the list shows them. */
export type ExportableList<Db> = { route: Route<Db>; columns: readonly WriteColumn[] };

/** Lists of a service that may be asked for as files, by operation. Throws where one is no list in pages, or a column has no Chinese title. */
export function exportableLists<Db>(routes: readonly Route<Db>[]): Map<string, ExportableList<Db>> {
  const lists = routes.flatMap((route) =>
    route.exports ? [[route.operation, { route, columns: columnsOf(route) }] as const] : [],
  );
  return new Map(lists);
}

function columnsOf<Db>(route: Route<Db>): WriteColumn[] {
  const items = route.reply instanceof z.ZodObject ? route.reply.shape["items"] : undefined;
  const item: unknown = items instanceof z.ZodArray ? items.element : undefined;
  if (route.changes || !(item instanceof z.ZodObject) || route.query?.shape["cursor"] === undefined)
    throw new Error(`${route.operation} is no list in pages, and cannot be a file`);
  return fieldsOf(item).map((path) => {
    const named = path.endsWith(".zh") && columnTitles[path] === undefined ? path.slice(0, -3) : path;
    const name = named.split(".").at(-1) ?? named;
    const chinese = route.exports?.titles?.[named] ?? columnTitles[named] ?? columnTitles[name];
    if (chinese === undefined) throw new Error(`${route.operation}: column ${path} has no Chinese title`);
    const yuan = name.endsWith("Fen");
    const english = inWords(yuan ? name.slice(0, -3) : name);
    return {
      key: path,
      title: yuan ? `${chinese}(元) ${english} (yuan)` : `${chinese} ${english}`,
      width: /Id$/.test(name) ? 38 : 18,
      text: !yuan && !isNumber(item, path),
    };
  });
}

/** What a field of an item is, whatever it may be absent as. */
function bare(schema: unknown): unknown {
  return schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? bare(schema.unwrap())
    : schema;
}

/** The fields as paths: one inside another field is a column of its own, and a list of things with fields is none. */
function fieldsOf(item: z.ZodObject, base = ""): string[] {
  return Object.entries(item.shape).flatMap(([name, schema]) => {
    const field = bare(schema);
    // What stands in both languages is one column, in Chinese.
    if (field instanceof z.ZodObject && Object.keys(field.shape).sort().join() === "en,zh") return [`${base}${name}.zh`];
    if (field instanceof z.ZodObject) return fieldsOf(field, `${base}${name}.`);
    const held = field instanceof z.ZodArray ? bare(field.element) : undefined;
    return held instanceof z.ZodObject || field instanceof z.ZodRecord ? [] : [`${base}${name}`];
  });
}

function isNumber(item: z.ZodObject, path: string): boolean {
  let field: unknown = item;
  for (const name of path.split(".")) field = field instanceof z.ZodObject ? bare(field.shape[name]) : undefined;
  return field instanceof z.ZodNumber;
}

/** `firstMeasureAt` in words: "First measure at". */
const inWords = (name: string): string => {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const Row = z.record(z.string(), z.unknown());

/** An item as a row of the file: money in yuan, yes and no in Chinese, several values in one cell. */
export function rowOf(columns: readonly WriteColumn[], item: unknown): WriteRow {
  return Object.fromEntries(
    columns.map(({ key }) => {
      let value: unknown = item;
      for (const name of key.split(".")) value = Row.safeParse(value).data?.[name];
      return [key, cellOf(key, value)];
    }),
  );
}

function cellOf(key: string, value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return key.endsWith("Fen") ? value / 100 : value;
  if (typeof value === "boolean") return value ? "是" : "否";
  return Array.isArray(value) ? value.map(String).join("、") : String(value);
}
