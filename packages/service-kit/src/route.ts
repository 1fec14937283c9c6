import type { Bilingual, EventDraft, ProblemCode, Refusal, Role } from "@shouwang/contract";
import type { z } from "zod";
import type { AuditEntry } from "./audit.ts";
import type { BusinessDate } from "./calendar.ts";
import type { Tx } from "./database.ts";
import type { Follow } from "./follow.ts";
import type { Keys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";

export type Schema = z.ZodObject | undefined;
export type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** A file as it was sent: at most 10 MB, its name and type as the client says them. */
export type Upload = { name: string; mediaType: string; content: Buffer };

/** Said where a list is declared: it may be asked for as a file. By the path of the field, where a name means something else there than in other lists. */
export type ListExport = {
  /** Titles of columns. */
  titles?: Readonly<Record<string, string>>;
  /** What codes are called. */
  codes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Which fields stand for a thing of a list inside an item, as paths in it; all of its own where nothing is said. */
  things?: Readonly<Record<string, readonly string[]>>;
};

/** What every handler is given. There is a transaction and no pool: a handler cannot step outside of it. */
export type Given<Db, P extends Schema, Q extends Schema, B extends Schema> = {
  tx: Tx<Db>;
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
  actor: Principal;
  /** Business time of the transaction. */
  now: Date;
  today: BusinessDate;
  keys: Keys;
  /** The version named in If-Match, where the command asks for one. */
  expectedVersion: number | undefined;
  upload: Upload | undefined;
};

/** What a command answers when it went through: a reply, the events it caused, and what the audit is to say besides. */
export type Done<R extends z.ZodType> = { reply: z.input<R>; events?: readonly EventDraft[]; audit?: readonly AuditEntry[] };

/** A download: bytes with a name, instead of JSON; its audit entries are written before a byte is sent. */
export type Download = { download: { name: string; mediaType: string; content: Buffer }; audit?: readonly AuditEntry[] };

/** A declared route as the kit keeps it, its types put away: they were checked where it was declared. */
export type Route<Db> = {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Whether it changes something; a question never does, whatever its method. */
  changes: boolean;
  operation: string;
  path: `/${string}`;
  summary: Bilingual;
  clauses: readonly string[];
  allow: readonly Role[];
  /** Where department officers are allowed: of which departments; of any where it is absent. */
  officersOf: readonly string[] | undefined;
  params: Schema;
  query: Schema;
  body: Schema;
  reply: z.ZodType;
  problems: readonly ProblemCode[];
  status: 200 | 201 | 202;
  ifMatch: boolean;
  upload: boolean;
  reveals: boolean;
  downloads: readonly string[] | undefined;
  opens: ((given: { params: unknown; query: unknown; body: unknown; reply: unknown }) => AuditEntry) | undefined;
  follow: Follow<unknown> | undefined;
  exports: ListExport | undefined;
  handle(
    given: Given<Db, z.ZodObject, z.ZodObject, z.ZodObject>,
  ): Promise<Done<z.ZodType> | Refusal | { reply: unknown } | Download>;
};
