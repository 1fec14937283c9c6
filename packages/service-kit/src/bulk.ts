import type { z } from "zod";
import type { BusinessDate } from "./calendar.ts";
import type { Tx } from "./database.ts";
import type { Principal } from "./principal.ts";
import type { Route } from "./route.ts";

/** One thing a bulk command is for, and the version it had when it was chosen. */
export type BulkChoice = { id: string; version: number };

/** The most things one bulk command takes; more are asked for in several. */
export const bulkMost = 5_000;

/**
 * A command that can be given for many things at once. It becomes a job that gives the single command for one after the other: the same rule, review chain and
 * separation of duties, each in a savepoint of its own, so that what is refused for one spoils nothing for the others.
 */
export type Bulk<Db> = {
  /** The single command. Its body holds no personal data, since it stays with the job. */
  of: Route<Db>;
  /** The one parameter of its path, which names the thing. */
  item: string;
  filter: z.ZodObject;
  /** What a filter chooses under the caller's area, at most `limit`, in order of id. */
  choose(given: {
    tx: Tx<Db>;
    filter: unknown;
    actor: Principal;
    today: BusinessDate;
    limit: number;
  }): Promise<readonly BulkChoice[]>;
  /** The thing with its row locked: its version, and whether what is asked for is done already; undefined where the caller has no such thing. */
  look(given: { tx: Tx<Db>; id: string; body: unknown }): Promise<{ version: number; done: boolean } | undefined>;
};

/** As a department declares one, with the types of its filter and of what it reads of the single command's body. */
export type BulkSpec<Db, F extends z.ZodObject, B extends z.ZodObject> = {
  of: Route<Db>;
  item: string;
  /** What things can be chosen by instead of naming each. */
  filter: F;
  /** The part of the single command's body that `look` reads. */
  body: B;
  choose(given: {
    tx: Tx<Db>;
    filter: z.output<F>;
    actor: Principal;
    today: BusinessDate;
    limit: number;
  }): Promise<readonly BulkChoice[]>;
  look(given: { tx: Tx<Db>; id: string; body: z.output<B> }): Promise<{ version: number; done: boolean } | undefined>;
};

/** Declares that a command can be given in bulk. Throws when it is no command about one thing. */
export function bulkOf<Db, F extends z.ZodObject, B extends z.ZodObject>(spec: BulkSpec<Db, F, B>): Bulk<Db> {
  if (!spec.of.changes || Object.keys(spec.of.params?.shape ?? {}).join() !== spec.item)
    throw new Error(`${spec.of.operation} is no command about one ${spec.item}`);
  const { of, item, filter, body } = spec;
  return {
    of,
    item,
    filter,
    choose: (given) => spec.choose({ ...given, filter: filter.parse(given.filter) }),
    look: (given) => spec.look({ ...given, body: body.parse(given.body) }),
  };
}
