import { sql } from "kysely";
import type { Bus } from "./bus.ts";
import { type Database, isOutage, type Tx } from "./database.ts";
import { park } from "./dead-letter.ts";
import { applyTogether } from "./lane-batch.ts";
import { applyEvent, type Met, meet, parkedEvent, type Reading } from "./lane-event.ts";
import { letGoOfDisk } from "./lane-place.ts";
import type { Log } from "./log.ts";
import type { Keys } from "./personal-data.ts";
import { type Principal, system } from "./principal.ts";
import { type Reader, streamRead } from "./reader.ts";
import { dropShadow, hashTables, makeShadow, shadowOf, takeOver, toShadow } from "./shadow-tables.ts";
import { findStream } from "./stream.ts";
import { readFromStart } from "./stream-reading.ts";

/** How a rebuild ended: the hash of what stood there and of what the fold made, at one and the same position. */
export type Rebuilt = { position: number; before: string; after: string; outcome: "equal" | "swapped" | "different" };

/** What may still be missing when the lane is held: little enough to be folded within a moment. */
const lastStretch = 200;

/**
 * Folds a projection again from the beginning of the stream into shadow tables, while the live ones go on being read and kept up to date by the running
 * service. In the end the lane is held for a moment, the shadow brought to the very position of the live tables, and the two compared by hash. Equal: nothing
 * needs to be changed. Different: with `accept` the shadow's rows, what it saw and what it put aside take the place of the live ones in that same transaction;
 * without, everything stays as it was. Events an operator skipped stay skipped.
 * @param ownerUrl the role that may create the shadow's schema
 * @throws for a reaction (its effects are never replayed), a projection that does not declare its tables, and while stream and lane are of two epochs
 */
export async function rebuildInShadow<Db>(options: {
  db: Database<Db>;
  bus: Bus;
  ownerUrl: string;
  appRole: string;
  reader: Reader<Db>;
  accept: boolean;
  keys: Keys;
  log: Log;
}): Promise<Rebuilt> {
  const { db, bus, ownerUrl, reader, keys, log } = options;
  const { tables } = reader;
  if (reader.kind !== "projection") throw new Error(`${reader.name} is a reaction and is never replayed`);
  if (!tables) throw new Error(`projection ${reader.name} does not declare its tables`);
  const shadow: Reader<Db> = { ...reader, name: `${reader.name} (shadow)` };
  const principal = system(`rebuild:${reader.name}`);
  const place = await db.withReadTx(principal, (tx) => livePlace(tx, reader, false));
  const stream = await findStream(bus.jsm, streamRead(reader));
  if (!stream || stream.epoch !== place.epoch) throw new Error("stream and lane are of two epochs; the lane has to settle first");

  await makeShadow(ownerUrl, options.appRole, tables);
  const fold = startFold({ db, reading: { reader: shadow, keys, log }, principal, tables });
  const source = await readFromStart(bus, reader.source, (message) => meet(shadow, message, place.epoch));
  try {
    await db.withTx(principal, (tx) => prepareShadow(tx, reader.name, shadow.name));
    for (let gap = Number.POSITIVE_INFINITY; ; ) {
      const live = await db.withReadTx(principal, (tx) => livePlace(tx, reader, false));
      await source.readTo(live.position, fold.apply);
      const now = await db.withReadTx(principal, (tx) => livePlace(tx, reader, false));
      const stretch = now.position - live.position;
      // A stretch that grows no shorter is as short as it gets: the lane is then held a little longer.
      if (stretch > lastStretch && stretch < gap) {
        gap = stretch;
        continue;
      }
      // Kept outside: a transaction that has to run again must fold the same events again.
      const rest: Met[] = [];
      return await db.withTx(principal, async (tx) => {
        const held = await livePlace(tx, reader, true);
        if (held.epoch !== place.epoch || held.position < fold.position())
          throw new Error("the lane was set back meanwhile; start again");
        await source.readTo(held.position, async (batch) => void rest.push(...batch));
        await fold.applyIn(tx, rest);
        const before = await hashTables(tx, tables, (table) => table);
        const after = await hashTables(tx, tables, shadowOf);
        const outcome = before === after ? "equal" : options.accept ? "swapped" : "different";
        if (outcome === "swapped") {
          await takeOver(tx, tables);
          await takeOverSeen(tx, reader, shadow.name);
        }
        await clearShadow(tx, shadow.name);
        return { position: held.position, before, after, outcome };
      });
    }
  } finally {
    await source.close();
    await db.withTx(principal, (tx) => clearShadow(tx, shadow.name)).catch((error) => log.warn({ error }, "shadow not cleared"));
    await dropShadow(ownerUrl);
  }
}

/** Where the live reader stands; `hold` keeps it there until the transaction's end. */
async function livePlace<Db>(tx: Tx<Db>, reader: Reader<Db>, hold: boolean): Promise<{ position: number; epoch: number }> {
  const { rows } = await sql<{ position: number; epoch: number }>`select position, epoch from kit.lane
    where reader = ${reader.name} and source = ${reader.source} ${hold ? sql`for update` : sql``}`.execute(tx);
  const row = rows[0];
  if (!row) throw new Error(`${reader.name} has never run: there is nothing to rebuild`);
  return row;
}

/** Applies batches to the shadow's tables, as a lane does: whole, or else one event at a time with the failing ones put aside. */
function startFold<Db>(options: { db: Database<Db>; reading: Reading<Db>; principal: Principal; tables: readonly string[] }) {
  const { db, reading, principal } = options;
  const plugin = toShadow(options.tables);
  let position = 0;
  const fold = (tx: Tx<Db>, event: Met) => applyEvent(tx.withPlugin(plugin), reading, event);
  const apply = async (batch: Met[]) => {
    try {
      await db.withTx(principal, async (tx) => {
        // After a crash the shadow is folded anew anyway; what takes the live tables' place does wait for the disk.
        await letGoOfDisk(tx);
        await applyTogether(tx.withPlugin(plugin), reading, batch);
      });
    } catch (error) {
      if (isOutage(error)) throw error;
      for (const event of batch) await applyAlone(event);
    }
    position = batch.at(-1)?.position ?? position;
  };
  const applyAlone = async (event: Met) => {
    try {
      await db.withTx(principal, (tx) => fold(tx, event));
    } catch (error) {
      if (isOutage(error)) throw error;
      await db.withTx(principal, (tx) => park(tx, parkedEvent(reading, event, "parked", error)));
    }
  };
  /** The same in one transaction with what follows: an event that fails is undone by itself. */
  const applyIn = async (tx: Tx<Db>, batch: Met[]) => {
    for (const event of batch) {
      await sql`savepoint event`.execute(tx);
      try {
        await fold(tx, event);
      } catch (error) {
        if (isOutage(error)) throw error;
        await sql`rollback to savepoint event`.execute(tx);
        await park(tx, parkedEvent(reading, event, "parked", error));
      }
      await sql`release savepoint event`.execute(tx);
    }
  };
  return { apply, applyIn, position: () => position };
}

/** Starts the shadow's own memory empty but for what an operator decided: a skipped event is not tried again. */
async function prepareShadow<Db>(tx: Tx<Db>, live: string, shadow: string): Promise<void> {
  await clearShadow(tx, shadow);
  await sql`insert into kit.dead_letter (reader, source, position, item, epoch, entity_key, type, body, error, attempts, state, reason, parked_at, settled_at)
    select ${shadow}, source, position, item, epoch, entity_key, type, body, error, attempts, state, reason, parked_at, settled_at
    from kit.dead_letter where reader = ${live} and state = 'skipped'`.execute(tx);
}

async function clearShadow<Db>(tx: Tx<Db>, shadow: string): Promise<void> {
  for (const table of ["kit.seen_version", "kit.seen_fact", "kit.dead_letter"])
    await sql`delete from ${sql.table(table)} where reader = ${shadow}`.execute(tx);
}

/** What the shadow saw becomes what the reader saw; what it put aside is open, and what is open no more counts as replayed. */
async function takeOverSeen<Db>(tx: Tx<Db>, reader: Reader<Db>, shadow: string): Promise<void> {
  for (const [table, columns] of [
    ["kit.seen_version", "entity, entity_id, version"],
    ["kit.seen_fact", "event_id"],
  ] as const) {
    await sql`delete from ${sql.table(table)} where reader = ${reader.name}`.execute(tx);
    await sql`insert into ${sql.table(table)} (reader, ${sql.raw(columns)}) select ${reader.name}, ${sql.raw(columns)} from ${sql.table(table)} where reader = ${shadow}`.execute(
      tx,
    );
  }
  await sql`update kit.dead_letter l set state = 'replayed', settled_at = clock_timestamp() where l.reader = ${reader.name} and l.source = ${reader.source} and l.state in ('parked', 'queued')
    and not exists (select from kit.dead_letter s where s.reader = ${shadow} and s.source = l.source and s.epoch = l.epoch and s.position = l.position and s.item = l.item)`.execute(
    tx,
  );
  await sql`insert into kit.dead_letter as l (reader, source, position, item, epoch, entity_key, type, body, error, attempts, state, next_attempt_at)
    select ${reader.name}, source, position, item, epoch, entity_key, type, body, error, attempts, state, next_attempt_at
    from kit.dead_letter where reader = ${shadow} and state in ('parked', 'queued')
    on conflict (reader, source, epoch, position, item) do update set state = excluded.state, settled_at = null, error = excluded.error, next_attempt_at = excluded.next_attempt_at`.execute(
    tx,
  );
}
