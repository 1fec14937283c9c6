import { privateStreamOf, privateSubjectOf } from "@shouwang/contract";
import { headers } from "nats";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { Bus } from "./bus.ts";
import type { Database } from "./database.ts";
import type { Log } from "./log.ts";
import { epochHeader, positionHeader } from "./outbox.ts";
import type { Outgoing, Outlet, Place, StreamAhead } from "./outlet.ts";
import type { Keys } from "./personal-data.ts";
import { actorOf, system } from "./principal.ts";
import type { PrivateState } from "./private-event.ts";
import { encryptFor, type PrivateKeys, type Recipient, recipientsOf } from "./private-keys.ts";
import { messagesToRemove, noteRemoved, rememberMessages, rememberUnknown } from "./private-message.ts";
import { createStream, eventIdAt, findStream, nameEpoch, privateStream, removeMessage } from "./stream.ts";

const lockKey = 0x5357_7070;
/** States taken at a time; a message holds up to so many of one type and county, so that the work for its readers' keys is shared. */
const windowStates = 4_000;
const maxStates = 100;
/** Encrypted and written as text a message grows by a third; the stream takes 128 KB. */
const maxContentBytes = 64_000;

const principal = system("private-relay");

/** A state on its way: what is owed, and its CloudEvent. */
type Leaving = Owed & { event: string };
type Owed = { type: string; entity_id: string; region: string; version: number };
/** States of one type and county that leave together. */
type Message = { sequence: number; id: string; type: string; region: string; states: Leaving[] };

/**
 * What a department owes others privately, as what a relay carries. The stream keeps 90 days and each state replaces the older, so there is no kept outbox
 * to publish again from: a state that the stream lost is owed again, and is told as it is then. Where the stream lost what it had confirmed, a new epoch
 * sends every reader through all of it once more.
 */
export function privateOutlet<Db>(given: {
  service: string;
  replicas: number;
  db: Database<Db>;
  states: readonly PrivateState<Db>[];
  keys: Keys;
  privateKeys: PrivateKeys;
  log: Log;
}): Outlet {
  const shape = privateStream(given.service, given.replicas);
  const stream = privateStreamOf(given.service);
  const told = new Map(
    given.states.flatMap((state) => {
      const recipients = recipientsOf(given.privateKeys, state.entitled);
      return recipients.length === 0 ? [] : [[state.event.type, { state, recipients }] as const];
    }),
  );

  const align = async (session: pg.Client, bus: Bus): Promise<Place | StreamAhead> => {
    await greetNewKeys(session, told);
    // The stream first: what another leader publishes in between must not look like a stream ahead.
    const found = await findStream(bus.jsm, stream);
    const own = await standing(session);
    const at = found ?? (await createStream(bus.jsm, shape, own.epoch, 0));
    const { lastSequence } = at;
    if (at.epoch < own.epoch) {
      // A new epoch was started here: what the stream holds is of an earlier history, and is gone through before the new one.
      await rememberUnknown(session, own.last, lastSequence);
      await session.query("update kit.private_epoch set last_sequence = $1, confirmed_sequence = $1", [lastSequence]);
      await nameEpoch(bus.jsm, shape, own.epoch, lastSequence);
      return { at: lastSequence, epoch: own.epoch };
    }
    if (at.epoch > own.epoch || lastSequence > own.last || !(await tellsOurs(session, bus, lastSequence)))
      return { kind: "stream-ahead", streamSequence: lastSequence, outboxPosition: own.last, streamEpoch: at.epoch };
    const epoch = own.last > lastSequence ? await oweLost(session, lastSequence, own) : own.epoch;
    if (epoch !== own.epoch) await nameEpoch(bus.jsm, shape, epoch, lastSequence);
    for (const sequence of await messagesToRemove(session, lastSequence)) {
      await removeMessage(bus.jsm, stream, sequence);
      await noteRemoved(session, sequence);
    }
    return { at: lastSequence, epoch };
  };

  const tellsOurs = async (session: pg.Client, bus: Bus, sequence: number): Promise<boolean> => {
    if (sequence === 0) return true;
    const { rows } = await session.query<{ message_id: string }>(
      "select message_id from kit.private_event where sequence = $1 limit 1",
      [sequence],
    );
    if (rows[0] === undefined) return true;
    const theirs = await eventIdAt(bus.jsm, stream, sequence);
    return theirs === undefined || theirs === rows[0].message_id;
  };

  const next = async (session: pg.Client, after: Place): Promise<readonly Outgoing[]> => {
    if (told.size === 0) return [];
    const messages = await take(session, after);
    // The states count as told at these sequences from here on; those that do not arrive are owed again by `align`.
    return await Promise.all(messages.map((message) => encrypt(message, after.epoch)));
  };

  /** Takes what is owed, in one transaction: reads it, puts it together into messages and gives each its sequence. */
  const take = async (session: pg.Client, after: Place): Promise<Message[]> => {
    await session.query("begin");
    try {
      const { rows } = await session.query<Owed>(
        `select type, entity_id, region, version from kit.private_event where sequence is null and held is null and type = any($1)
          order by owed limit ${windowStates} for update skip locked`,
        [[...told.keys()]],
      );
      const messages = gather(await withContent(session, rows), after.at);
      for (const { sequence, id, type, states } of messages)
        await session.query(
          "update kit.private_event set sequence = $1, message_id = $2 where type = $3 and entity_id = any($4)",
          [sequence, id, type, states.map(({ entity_id }) => entity_id)],
        );
      await rememberMessages(
        session,
        messages.map(({ sequence, type, states }) => ({ sequence, type, ids: states.map(({ entity_id }) => entity_id) })),
      );
      await session.query("update kit.private_epoch set last_sequence = greatest(last_sequence, $1)", [
        after.at + messages.length,
      ]);
      await session.query("commit");
      return messages;
    } catch (error) {
      await session.query("rollback");
      throw error;
    }
  };

  /** Reads what is to be told, while its rows are locked; what has no content any more is no longer owed, what does not open is held. */
  const withContent = async (session: pg.Client, rows: readonly Owed[]): Promise<Leaving[]> => {
    const leaving: Leaving[] = [];
    for (const [type, { state }] of told) {
      const owed = rows.filter((row) => row.type === type);
      if (owed.length === 0) continue;
      const contents = await contentsOf(
        state,
        owed.map(({ entity_id }) => entity_id),
      );
      for (const row of owed) {
        const content = contents.get(row.entity_id);
        if (content instanceof Error) {
          given.log.error({ error: content, type }, "a private state cannot be told");
          await session.query("update kit.private_event set held = $1 where type = $2 and entity_id = $3", [
            content.name,
            type,
            row.entity_id,
          ]);
        } else if (content === undefined) {
          await session.query("delete from kit.private_event where type = $1 and entity_id = $2", [type, row.entity_id]);
        } else leaving.push({ ...row, event: cloudEventOf(state, row, content) });
      }
    }
    return leaving;
  };

  /** The contents of a type by id, all at once; where one of them cannot be read, each by itself. */
  const contentsOf = async (
    state: PrivateState<Db>,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Record<string, unknown> | Error>> => {
    const load = (some: readonly string[]) =>
      given.db.withReadTx(principal, async (tx) => {
        const loaded = await state.load(tx, given.keys, some);
        return new Map([...loaded].map(([id, content]) => [id, state.event.schema.strict().parse(content)]));
      });
    try {
      return await load(ids);
    } catch (error) {
      if (ids.length === 1 && error instanceof Error) return new Map([[ids[0] ?? "", error]]);
      const each = await Promise.all(ids.map((id) => contentsOf(state, [id])));
      return new Map(each.flatMap((one) => [...one]));
    }
  };

  const encrypt = async (message: Message, epoch: number): Promise<Outgoing> => {
    const recipients = told.get(message.type)?.recipients ?? [];
    const body = await encryptFor(recipients, `[${message.states.map(({ event }) => event).join(",")}]`);
    const header = headers();
    header.set("content-type", "application/jose+json");
    header.set("ce-id", message.id);
    header.set("ce-type", message.type);
    header.set(positionHeader, String(message.sequence));
    header.set(epochHeader, String(epoch));
    return { sequence: message.sequence, subject: privateSubjectOf(message.type, message.region), body, headers: () => header };
  };

  const confirmed = async (session: pg.Client, upTo: Place): Promise<void> => {
    await session.query("update kit.private_epoch set confirmed_sequence = greatest(confirmed_sequence, $1)", [upTo.at]);
  };
  return { lockKey, align, next, confirmed };
}

type Standing = { epoch: number; last: number; confirmed: number };

async function standing(session: pg.Client): Promise<Standing> {
  const { rows } = await session.query<Standing>(
    `select epoch, last_sequence as last, confirmed_sequence as confirmed from kit.private_epoch`,
  );
  if (!rows[0]) throw new Error("kit.private_epoch has no row");
  return rows[0];
}

/** What the stream does not hold is owed again; when it had confirmed some of that, readers may have read it, and a new epoch begins. @returns the epoch */
async function oweLost(session: pg.Client, lastSequence: number, own: Standing): Promise<number> {
  const epoch = own.epoch + (own.confirmed > lastSequence ? 1 : 0);
  await session.query(
    `with lost as (update kit.private_event set sequence = null, message_id = null where sequence > $1),
      forgotten as (delete from kit.private_message where sequence > $1)
      update kit.private_epoch set epoch = $2, last_sequence = $1, confirmed_sequence = least(confirmed_sequence, $1)`,
    [lastSequence, epoch],
  );
  return epoch;
}

/** A reader's key that was not encrypted for until now gets everything told again: that is how a department that joins later is told of everybody. */
async function greetNewKeys(session: pg.Client, told: ReadonlyMap<string, { recipients: readonly Recipient[] }>): Promise<void> {
  for (const [type, { recipients }] of told) {
    const keyIds = recipients.map(({ keyId }) => keyId);
    await session.query("delete from kit.private_recipient where type = $1 and key_id <> all ($2)", [type, keyIds]);
    const { rowCount } = await session.query(
      "insert into kit.private_recipient (type, key_id) select $1, unnest($2::text[]) on conflict do nothing",
      [type, keyIds],
    );
    if (rowCount)
      await session.query(
        "update kit.private_event set sequence = null, message_id = null where type = $1 and sequence is not null",
        [type],
      );
  }
}

/** Puts states together by type and county, in the order they are owed, and gives each message its sequence. */
function gather(leaving: readonly Leaving[], after: number): Message[] {
  const messages: Message[] = [];
  const open = new Map<string, { message: Message; bytes: number }>();
  for (const state of leaving) {
    const place = `${state.type} ${state.region.slice(0, 6)}`;
    const bytes = Buffer.byteLength(state.event);
    const filling = open.get(place);
    if (filling && filling.message.states.length < maxStates && filling.bytes + bytes < maxContentBytes) {
      filling.message.states.push(state);
      filling.bytes += bytes;
      continue;
    }
    const sequence = after + messages.length + 1;
    const message = { sequence, id: uuidv7(), type: state.type, region: state.region, states: [state] };
    messages.push(message);
    open.set(place, { message, bytes });
  }
  return messages;
}

const cloudEventOf = <Db>(state: PrivateState<Db>, owed: Owed, data: Record<string, unknown>): string =>
  JSON.stringify({
    specversion: "1.0",
    id: uuidv7(),
    type: owed.type,
    source: `/${state.event.service}`,
    subject: `${state.event.entity}/${owed.entity_id}`,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    sequence: String(owed.version),
    region: owed.region,
    actor: actorOf(principal),
    data,
  });
