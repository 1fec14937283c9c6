import { streamOf } from "@shouwang/contract";
import { headers, type MsgHdrs } from "nats";
import type pg from "pg";
import type { Bus } from "./bus.ts";
import { epochHeader, positionHeader } from "./outbox.ts";
import type { Outgoing, Outlet, Place, StreamAhead } from "./outlet.ts";
import { createStream, dropStream, eventIdAt, eventStream, findStream, removeMessage } from "./stream.ts";

/** Rows stamped in one transaction: its commit waits for the disk, and each looks past what earlier ones stamped. */
const stampedAtOnce = 2_048;
const lockKey = 0x5357_726c;

/**
 * The outbox as what a relay carries: committed rows are stamped, in the order of their ids, with a gap-free position, and sequence = position.
 * Where the stream is behind (wiped, rewound, a publish that never arrived), publishing goes on from there, since the outbox is kept for good.
 */
export function outboxOutlet(service: string, replicas: number): Outlet {
  const stream = streamOf(service);

  const align = async (session: pg.Client, bus: Bus): Promise<Place | StreamAhead> => {
    // The stream is asked before the outbox: asked the other way round, what another leader published in between would look like a stream ahead.
    let found = await findStream(bus.jsm, stream);
    const { rows } = await session.query<{ epoch: number; from_position: number; last: number }>(
      "select epoch, from_position, coalesce((select max(position) from kit.outbox), 0) as last from kit.epoch",
    );
    const own = rows[0];
    if (!own) throw new Error("kit.epoch has no row");
    if (found && found.epoch < own.epoch) {
      await dropStream(bus.jsm, stream);
      found = undefined;
    }
    found ??= await createStream(bus.jsm, eventStream(service, replicas), own.epoch, own.from_position);
    if (found.lastSequence > own.last || found.epoch > own.epoch || !(await tellsOurs(session, bus, found.lastSequence))) {
      const { lastSequence: streamSequence, epoch: streamEpoch } = found;
      return { kind: "stream-ahead", streamSequence, outboxPosition: own.last, streamEpoch };
    }
    await removeErased(session, bus, found.lastSequence);
    return { at: found.lastSequence, epoch: own.epoch };
  };

  /** Takes out of the stream what an operator erased, and notes that it is gone. */
  const removeErased = async (session: pg.Client, bus: Bus, last: number) => {
    const { rows } = await session.query<{ position: number }>(
      "select position from kit.erased_event where left_stream_at is null and position <= $1 order by position limit 100",
      [last],
    );
    for (const { position } of rows) {
      await removeMessage(bus.jsm, stream, position);
      await session.query("update kit.erased_event set left_stream_at = clock_timestamp() where position = $1", [position]);
    }
  };

  /** Whether the newest event of the stream is the one that has this position in our outbox; one that was taken out of either says nothing. */
  const tellsOurs = async (session: pg.Client, bus: Bus, position: number): Promise<boolean> => {
    if (position === 0) return true;
    const theirs = await eventIdAt(bus.jsm, stream, position);
    const { rows } = await session.query<{ event_id: string }>("select event_id from kit.outbox where position = $1", [position]);
    return theirs === undefined || rows[0] === undefined || theirs === rows[0].event_id;
  };

  const next = async (session: pg.Client, after: Place): Promise<readonly Outgoing[]> =>
    (await stamped(session, after.at)).map((row) => outgoing(row, after.epoch));
  return { lockKey, align, next, readsAhead: true };
}

type Stamped = { position: number; subject: string; envelope: string };

/**
 * What is stamped already beyond a position; where nothing is, gives committed rows that have none their positions, in the order of ids. A row that commits late
 * gets a later position: nothing is skipped. In one question, since the next one is asked while what came before is being published.
 */
async function stamped(session: pg.Client, after: number): Promise<Stamped[]> {
  const { rows } = await session.query<Stamped>({
    name: "stamp",
    text: `with waiting as materialized (select position, subject, envelope from kit.outbox where position > $1 order by position limit ${stampedAtOnce}),
      base as (select coalesce(max(position), 0) as last from kit.outbox),
      next as (select id, row_number() over (order by id) as n from
        (select id from kit.outbox where position is null and not exists (select from waiting) order by id limit ${stampedAtOnce}) unstamped),
      done as (update kit.outbox o set position = base.last + next.n from next, base where o.id = next.id returning o.position, o.subject, o.envelope)
      select position, subject, envelope from waiting union all select position, subject, envelope from done order by position`,
    values: [after],
  });
  return rows;
}

function outgoing({ position, subject, envelope }: Stamped, epoch: number): Outgoing {
  return { sequence: position, subject, body: envelope, headers: () => headersOf(position, envelope, epoch) };
}

function headersOf(position: number, envelope: string, epoch: number): MsgHdrs {
  const header = headers();
  header.set("content-type", "application/cloudevents+json; charset=utf-8");
  repeatAttributes(header, envelope);
  header.set(positionHeader, String(position));
  header.set(epochHeader, String(epoch));
  return header;
}

/** The CloudEvents attributes once more as headers, so that a subscriber can filter without reading the body. */
function repeatAttributes(header: MsgHdrs, envelope: string): void {
  const attributes: Record<string, unknown> = JSON.parse(envelope);
  for (const name of ["id", "type", "source", "subject", "time"]) header.set(`ce-${name}`, String(attributes[name]));
  if (typeof attributes["traceparent"] === "string") header.set("traceparent", attributes["traceparent"]);
}
