import { type ProblemCode, Refusal, refuse } from "@shouwang/contract";
import { z } from "zod";
import { auditOfCommand, writeAudit } from "./audit.ts";
import type { Bulk } from "./bulk.ts";
import { type BulkItem, type BulkOutcome, nextItems, refuseWaiting, saveOutcome } from "./bulk-store.ts";
import { businessDate } from "./calendar.ts";
import { inSavepoint, isOutage, isTooSlow, type Tx } from "./database.ts";
import type { Service } from "./declare.ts";
import type { JobKind } from "./job.ts";
import { appendEvents } from "./outbox.ts";
import type { Keys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";

export const bulkKind = "bulk";
const Input = z.object({ operation: z.string(), each: z.unknown() });

/** A chunk ends after so many things or so many milliseconds: the rows it holds are wanted by others too. */
const chunk = { items: 100, ms: 1_000 };

export const bulksOf = <Db>(service: Service<Db>): readonly Bulk<Db>[] => service.slices.flatMap((slice) => slice.bulks ?? []);

type Given<Db> = { tx: Tx<Db>; actor: Principal; now: Date; keys: Keys; body: unknown };

/** Gives a command for one thing after the other, under the area and office of whoever asked. A thing's outcome and its row commit together: none is done twice. */
export function bulkJob<Db>(service: Service<Db>): JobKind<Db> {
  const bulks = new Map(bulksOf(service).map((bulk) => [bulk.of.operation, bulk]));
  return {
    kind: bulkKind,
    run: async ({ tx, jobId, input, actor, now, keys }) => {
      const { operation, each } = Input.parse(input);
      const bulk = bulks.get(operation);
      if (!bulk) throw new Error(`${operation} cannot be given in bulk`);
      const body: unknown = bulk.of.body ? bulk.of.body.parse(each) : undefined;
      const waiting = await nextItems(tx, jobId, chunk.items + 1);
      const startedAt = performance.now();
      const totals = { items: 0, succeeded: 0, refused: 0, skipped: 0 };
      for (const item of waiting.slice(0, chunk.items)) {
        if (totals.items > 0 && performance.now() - startedAt > chunk.ms) break;
        const outcome = await decideOne(bulk, item, { tx, actor, now, keys, body });
        await saveOutcome(tx, item.id, outcome);
        totals.items += 1;
        totals[outcome.state] += 1;
      }
      return { totals, ...(waiting.length > totals.items ? { next: {} } : {}) };
    },
    leave: async ({ tx, jobId, totals }) => {
      const left = await refuseWaiting(tx, jobId, "acting-not-in-force");
      return { done: totals["succeeded"] ?? 0, left, totals: { items: left, succeeded: 0, refused: left, skipped: 0 } };
    },
  };
}

/** One thing in a savepoint of its own. What the database itself cannot do just now ends the chunk instead, which is then tried again as a whole. */
async function decideOne<Db>(bulk: Bulk<Db>, item: BulkItem, given: Given<Db>): Promise<BulkOutcome> {
  try {
    return await inSavepoint(
      given.tx,
      "bulk_item",
      ({ state }) => state !== "refused",
      () => giveCommand(bulk, item, given),
    );
  } catch (error) {
    if (isOutage(error)) throw error;
    const code: ProblemCode = isTooSlow(error) ? "dependency-unavailable" : "internal-error";
    return { state: "refused", refusal: refuse(code) };
  }
}

async function giveCommand<Db>(bulk: Bulk<Db>, item: BulkItem, given: Given<Db>): Promise<BulkOutcome> {
  const { of } = bulk;
  const { tx, actor, now, keys, body } = given;
  const found = await bulk.look({ tx, id: item.itemId, body });
  if (found?.done) return { state: "skipped", version: found.version };
  if (found && found.version !== item.expectedVersion) return { state: "refused", refusal: refuse("version-mismatch") };
  const done = await of.handle({
    tx,
    // Safe, here and below: a handler takes what its route's schemas parse, as it does when it is called by HTTP.
    params: of.params?.parse({ [bulk.item]: item.itemId }) as never,
    query: undefined as never,
    body: body as never,
    actor,
    now,
    today: businessDate(now),
    keys,
    expectedVersion: item.expectedVersion,
    upload: undefined,
  });
  if (done instanceof Refusal) return { state: "refused", refusal: done };
  if (!("reply" in done)) throw new Error(`${of.operation} answered a download to a command`);
  const events = "events" in done ? (done.events ?? []) : [];
  const audit = "audit" in done ? (done.audit ?? []) : [];
  await appendEvents(tx, actor, events);
  await writeAudit(tx, keys, actor, audit.length > 0 ? audit : auditOfCommand(of, events, actor));
  const reply = Versioned.safeParse(of.reply.parse(done.reply));
  return { state: "succeeded", version: reply.success ? reply.data.version : null };
}

const Versioned = z.object({ version: z.int() });
