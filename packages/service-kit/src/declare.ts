import type {
  Bilingual,
  Department,
  EventDefinition,
  EventDraft,
  PrivateEventDefinition,
  ProblemCode,
  Refusal,
  Role,
} from "@shouwang/contract";
import type { z } from "zod";
import type { AuditEntry } from "./audit.ts";
import { type Bulk, type BulkSpec, bulkOf } from "./bulk.ts";
import type { BusinessDate } from "./calendar.ts";
import type { Tx } from "./database.ts";
import type { Due } from "./due.ts";
import type { Follow } from "./follow.ts";
import type { JobKind } from "./job.ts";
import type { KeptFor } from "./kept-for.ts";
import { appendEvents } from "./outbox.ts";
import type { Keys } from "./personal-data.ts";
import { type Principal, system } from "./principal.ts";
import { type PrivateState, privateState } from "./private-event.ts";
import type { Incoming, Reader } from "./reader.ts";
import type { Round } from "./round.ts";
import type { Done, Download, Given, ListExport, Parsed, Route, Schema } from "./route.ts";
import type { PlainBytes, SealedColumn } from "./sealed-column.ts";
import { strictly } from "./strict.ts";

export type { Done, Download, Given, Route, Upload } from "./route.ts";

type Common<P extends Schema, R extends z.ZodType, C extends ProblemCode> = {
  /** operationId, kebab-case, one in the service. */
  operation: string;
  /** Path under `/api/v1/<service>`, `{name}` for parameters. */
  path: `/${string}`;
  summary: Bilingual;
  clauses?: readonly string[];
  allow: readonly Role[];
  params?: P;
  reply: R;
  problems: readonly C[];
};

export type CommandSpec<
  P extends Schema,
  Q extends Schema,
  B extends Schema,
  R extends z.ZodType,
  C extends ProblemCode,
> = Common<P, R, C> & {
  method: "post" | "put" | "patch" | "delete";
  body?: B;
  query?: Q;
  /** 201 for something new, 202 for work that goes on, else 200. */
  status?: 200 | 201 | 202;
  /** The client must say which version it changes. */
  ifMatch?: true;
  /** Answers personal data in clear: nothing of the answer is kept, no Idempotency-Key is asked for, every call is an audit entry of its own. */
  reveals?: true;
  /** A file in the field `file` of a multipart form; the other fields are the body. */
  upload?: true;
};

export type QuerySpec<P extends Schema, Q extends Schema, B extends Schema, R extends z.ZodType, C extends ProblemCode> = Common<
  P,
  R,
  C
> & {
  query?: Q;
  /** A question with a body is a POST: what must not stand in a URL (an identity number). It needs no Idempotency-Key, since it changes nothing. */
  body?: B;
  /** The media types of what it answers, where that is a file and not JSON. */
  downloads?: readonly string[];
  /** Opening this is recorded in the audit: what is opened, from the parsed request. */
  opens?: (given: { params: Parsed<P>; query: Parsed<Q>; body: Parsed<B>; reply: z.output<R> }) => AuditEntry;
  /** Answered as a stream of server-sent events: the reply anew whenever it has changed, until it says that it ends. */
  follow?: Follow<z.output<R>>;
  /** It is a list in pages that may be asked for as a file (`POST /exports`). */
  exports?: ListExport;
};

/** One figure of a clause, as the running service reports it. */
export type IndicatorValue = {
  code: string;
  clause: string;
  title: Bilingual;
  unit: string;
  /** null where nothing is to be counted yet; `why` then says so. */
  value: number | null;
  numerator?: number;
  denominator?: number;
  target: number | null;
  direction: ">=" | ">" | "=" | null;
  asOf: string;
  /** Path of the list behind the figure. */
  list?: string;
  /** Month (`2022-08`) the figure is counted over, where it is: at the month's lock it is counted once more, with what came in late. Without it, it tells of a moment. */
  period?: string;
};

/** A clause as this service carries it out. `read` computes its figures under the caller's area. */
export type LiveClause<Db> = {
  clause: string;
  read(given: { tx: Tx<Db>; actor: Principal; now: Date; today: BusinessDate }): Promise<IndicatorValue[]>;
};

/** Work that runs by itself, in business time: `slot` names the run that is due ("2022-08-15", "2022-08"), and each slot runs once whatever is restarted. `notYet`: there was nothing to work on, and the slot is tried again. */
export type Schedule<Db> = {
  name: string;
  everyMs: number;
  slot?: (now: Date) => string;
  run(given: {
    tx: Tx<Db>;
    now: Date;
    today: BusinessDate;
    keys: Keys;
    actor: Principal;
  }): Promise<{ events?: readonly EventDraft[]; audit?: readonly AuditEntry[]; more?: boolean; notYet?: boolean }>;
};

/** One capability of a department: what it can be told, asked, does in the long run, reads of others and reports. */
export type Slice<Db> = {
  name: string;
  /** What the capability is called, for whoever reads the API. */
  title: Bilingual;
  routes?: readonly Route<Db>[];
  jobs?: readonly JobKind<Db>[];
  /** Commands that can be given for many things at once. */
  bulks?: readonly Bulk<Db>[];
  readers?: readonly Reader<Db>[];
  schedules?: readonly Schedule<Db>[];
  clauses?: readonly LiveClause<Db>[];
  /** What is due for whole sets in turn; it appears in `/todo` and is told of when its time has passed. */
  rounds?: readonly Round<Db>[];
  /** What waits for an answer by its own table; it appears in `/todo`. */
  dues?: readonly Due<Db>[];
  /** What it keeps for a term the region sets, and then forgets. */
  keeps?: readonly KeptFor<Db>[];
  /** What it tells other departments of people, encrypted. */
  privateStates?: readonly PrivateState<Db>[];
};

/** A department's service as one expression. */
export type Service<Db> = {
  name: Department;
  title: Bilingual;
  /** Folder of its SQL migrations. */
  migrations: URL;
  /** The fact this department publishes when a deadline passes. */
  deadlineOverdue: EventDefinition;
  auditHead: EventDefinition;
  /** The state this department publishes when a document sets something or is taken back. */
  parameterChanged: EventDefinition;
  /** The fact this department publishes when a month's figure is frozen or corrected. */
  indicatorFrozen: EventDefinition;
  slices: readonly Slice<Db>[];
  /** Where the department keeps sealed records and files: what a key rotation goes through. */
  sealed?: readonly SealedColumn[];
  /** Its other columns of bytes, each with what it is: a keyed index or a hash, which no rotation touches. */
  unsealed?: readonly PlainBytes[];
};

/** Declares a department's service; throws when two routes share an operation or a method and path. */
export function defineService<Db>(service: Service<Db>): Service<Db> {
  refuseDoubles(
    service.name,
    service.slices.flatMap((slice) => slice.routes ?? []),
  );
  return service;
}

/** Throws when two routes of a service share an operation or a method and path: the second would never be reached. */
export function refuseDoubles<Db>(service: string, routes: readonly Route<Db>[]): void {
  const seen = new Set<string>();
  for (const route of routes) {
    for (const key of [route.operation, `${route.method} ${route.path.replace(/\{\w+\}/g, "{}")}`]) {
      if (seen.has(key)) throw new Error(`${service} declares ${key} twice`);
      seen.add(key);
    }
  }
}

/** The declaring functions, bound to a service's table types. */
export type Declare<Db> = {
  /**
   * A change: one transaction of rows, events, audit and the stored answer. Answer `refuse(code)` for an expected no; it rolls everything back.
   * Every code it can refuse with is listed under `problems`, or it does not compile.
   */
  command<
    R extends z.ZodType,
    const C extends ProblemCode = never,
    P extends Schema = undefined,
    Q extends Schema = undefined,
    B extends Schema = undefined,
  >(spec: CommandSpec<P, Q, B, R, C>, handle: (given: Given<Db, P, Q, B>) => Promise<Done<R> | Refusal<C>>): Route<Db>;
  /** A question: a read-only transaction under the caller's area. */
  query<
    R extends z.ZodType,
    const C extends ProblemCode = never,
    P extends Schema = undefined,
    Q extends Schema = undefined,
    B extends Schema = undefined,
  >(
    spec: QuerySpec<P, Q, B, R, C>,
    handle: (given: Given<Db, P, Q, B>) => Promise<{ reply: z.input<R> } | Download | Refusal<C>>,
  ): Route<Db>;
  job(kind: JobKind<Db>): JobKind<Db>;
  /** A command of this department that can be given for many things at once. */
  bulk<F extends z.ZodObject, B extends z.ZodObject>(spec: BulkSpec<Db, F, B>): Bulk<Db>;
  schedule(schedule: Schedule<Db>): Schedule<Db>;
  clause(clause: LiveClause<Db>): LiveClause<Db>;
  round(round: Round<Db>): Round<Db>;
  due(due: Due<Db>): Due<Db>;
  /** A pure fold of another department's events into own tables; cannot emit, can be rebuilt. */
  projection(
    spec: {
      name: string;
      events: readonly EventDefinition[];
      /** Every table it folds into and nobody else writes, those that others refer to first; without them it cannot be rebuilt beside the live ones. */
      tables?: readonly `${string}.${string}`[];
      reset(tx: Tx<Db>): Promise<void>;
    } & (
      | { apply(tx: Tx<Db>, incoming: Incoming): Promise<void> }
      /**
       * Many at once, in order: of each entity's states the newest alone, each fact once. For what mirrors many rows: one statement a batch.
       * With `everyState` each state that is newer than the one before it, for what keeps a history.
       */
      | { applyAll(tx: Tx<Db>, batch: readonly Incoming[]): Promise<void>; everyState?: true }
    ),
  ): Reader<Db>;
  /** Acts on another department's events and may emit; its effect is keyed by the source event's id and never replayed. */
  reaction(spec: {
    name: string;
    events: readonly EventDefinition[];
    apply(tx: Tx<Db>, incoming: Incoming): Promise<readonly EventDraft[]>;
  }): Reader<Db>;
  /**
   * What this department tells others privately: how the content of some entities is read when it leaves. `owePrivately` says in the transaction of a change
   * that it is to be told.
   */
  privateState<S extends z.ZodObject>(
    event: PrivateEventDefinition<string, S>,
    load: (tx: Tx<Db>, keys: Keys, ids: readonly string[]) => Promise<ReadonlyMap<string, z.input<S>>>,
  ): PrivateState<Db>;
  /** Takes another department's private states, decrypted, into own tables sealed under own keys; may emit. */
  privateReader(spec: {
    name: string;
    events: readonly Pick<PrivateEventDefinition, "type" | "service">[];
    apply(tx: Tx<Db>, incoming: Incoming, keys: Keys): Promise<readonly EventDraft[]>;
  }): Reader<Db>;
  slice(slice: Slice<Db>): Slice<Db>;
};

function sourceOf(events: readonly Pick<EventDefinition, "service">[], name: string): string {
  const sources = new Set(events.map((event) => event.service));
  const [source] = sources;
  if (source === undefined || sources.size > 1) throw new Error(`reader ${name} must read the events of exactly one department`);
  return source;
}

/**
 * The declaring functions of a service.
 * @param about.officersOf the departments whose officers this service is for; its routes are closed to another department's
 */
export function kitFor<Db>({ officersOf }: { officersOf?: readonly string[] } = {}): Declare<Db> {
  return {
    command: (spec, handle) => ({
      method: spec.method,
      changes: true,
      operation: spec.operation,
      path: spec.path,
      summary: spec.summary,
      clauses: spec.clauses ?? [],
      allow: spec.allow,
      officersOf,
      params: spec.params,
      query: strictly(spec.query),
      body: strictly(spec.body),
      reply: spec.reply,
      problems: spec.problems,
      status: spec.status ?? 200,
      ifMatch: spec.ifMatch ?? false,
      upload: spec.upload ?? false,
      reveals: spec.reveals ?? false,
      downloads: undefined,
      opens: undefined,
      follow: undefined,
      exports: undefined,
      // Safe: the kit parses params, query and body with this very spec's schemas before it calls the handler.
      handle: handle as unknown as Route<Db>["handle"],
    }),
    query: (spec, handle) => ({
      method: spec.body ? "post" : "get",
      changes: false,
      operation: spec.operation,
      path: spec.path,
      summary: spec.summary,
      clauses: spec.clauses ?? [],
      allow: spec.allow,
      officersOf,
      params: spec.params,
      query: strictly(spec.query),
      body: strictly(spec.body),
      reply: spec.reply,
      problems: spec.problems,
      status: 200,
      ifMatch: false,
      upload: false,
      reveals: false,
      downloads: spec.downloads,
      // Safe: as for commands; both are called with what this spec's own schemas parsed.
      opens: spec.opens as unknown as Route<Db>["opens"],
      follow: spec.follow as unknown as Route<Db>["follow"],
      exports: spec.exports,
      handle: handle as unknown as Route<Db>["handle"],
    }),
    job: (kind) => kind,
    bulk: bulkOf,
    schedule: (schedule) => schedule,
    clause: (clause) => clause,
    round: (round) => round,
    due: (due) => due,
    projection: (spec) => ({
      name: spec.name,
      kind: "projection",
      source: sourceOf(spec.events, spec.name),
      types: new Set(spec.events.map((event) => event.type)),
      ...("applyAll" in spec
        ? {
            applyAll: spec.applyAll,
            apply: (tx, incoming) => spec.applyAll(tx, [incoming]),
            ...(spec.everyState ? { everyState: spec.everyState } : {}),
          }
        : { apply: spec.apply }),
      reset: spec.reset,
      ...(spec.tables ? { tables: spec.tables } : {}),
    }),
    reaction: (spec) => ({
      name: spec.name,
      kind: "reaction",
      source: sourceOf(spec.events, spec.name),
      types: new Set(spec.events.map((event) => event.type)),
      apply: async (tx, incoming) => appendEvents(tx, system(`reaction:${spec.name}`), await spec.apply(tx, incoming)),
    }),
    privateState,
    privateReader: (spec) => ({
      name: spec.name,
      kind: "private",
      source: sourceOf(spec.events, spec.name),
      types: new Set(spec.events.map((event) => event.type)),
      apply: async (tx, incoming, keys) => appendEvents(tx, system(`private:${spec.name}`), await spec.apply(tx, incoming, keys)),
    }),
    slice: (slice) => slice,
  };
}
