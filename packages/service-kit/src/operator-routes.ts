import { refuse } from "@shouwang/contract";
import { province } from "@shouwang/regions";
import { z } from "zod";
import { type Heads, verifyAudit } from "./audit-verify.ts";
import { decideParked, openDeadLetters } from "./dead-letter.ts";
import { kitFor, type Route } from "./declare.ts";
import { epochStarts, presentEpochs, startEpoch } from "./epoch.ts";
import { eraseEvent } from "./outbox.ts";
import type { RelayState } from "./relay.ts";

/** How this instance stands to the bus: its two relays (the private one is absent where no keys are configured), and the heads of the audit that the bus holds. */
export type RelayStates = () => {
  events: RelayState;
  privately: RelayState | undefined;
  /** Undefined while the bus does not answer. */
  heads(): Promise<Heads | undefined>;
};

/** What an operator and an auditor need of every department's service: events that could not be handled, a new epoch after a restore, and the proof of the audit chain. */
export function operatorRoutes<Db>(relays: RelayStates): Route<Db>[] {
  const { command, query } = kitFor<Db>();
  return [
    query(
      {
        operation: "list-dead-letters",
        path: "/dead-letters",
        summary: { zh: "未能处理的事件", en: "Events that could not be handled" },
        allow: ["operator"],
        reply: z.object({
          items: z.array(
            z.object({
              id: z.number(),
              reader: z.string(),
              source: z.string(),
              position: z.number(),
              entityKey: z.string(),
              type: z.string(),
              error: z.string(),
              attempts: z.number(),
              state: z.string(),
              parkedAt: z.string(),
            }),
          ),
        }),
        problems: [],
      },
      async ({ tx }) => ({
        reply: {
          items: (await openDeadLetters(tx, 500)).map((letter) => ({ ...letter, parkedAt: letter.parkedAt.toISOString() })),
        },
      }),
    ),
    command(
      {
        method: "post",
        operation: "decide-dead-letter",
        path: "/dead-letters/{id}/decision",
        summary: { zh: "重放或跳过事件", en: "Replay or skip an event" },
        allow: ["operator"],
        params: z.object({ id: z.coerce.number().int().positive() }),
        body: z.object({ decision: z.enum(["replay", "skip"]), reason: z.string().min(2).max(200) }),
        reply: z.object({ decided: z.boolean() }),
        problems: ["not-found"],
      },
      async ({ tx, params, body, actor }) => {
        if (!(await decideParked(tx, params.id, body.decision, body.reason))) return refuse("not-found");
        return {
          reply: { decided: true },
          audit: [
            {
              action: `dead-letter-${body.decision}`,
              entity: "dead-letter",
              entityId: String(params.id),
              region: actor.region.padEnd(12, "0"),
              changed: body,
            },
          ],
        };
      },
    ),
    command(
      {
        method: "post",
        operation: "start-epoch",
        path: "/epochs",
        summary: { zh: "数据库由备份恢复后,开始新的事件纪元", en: "Start a new epoch of events after a restore from a backup" },
        allow: ["operator"],
        body: z.object({ reason: z.string().trim().min(4).max(200) }),
        reply: z.object({ epoch: z.int(), fromPosition: z.int() }),
        status: 201,
        problems: ["state-conflict"],
      },
      async ({ tx, body, actor }) => {
        const { events, privately } = relays();
        if (events.kind !== "stream-ahead" && privately?.kind !== "stream-ahead")
          return refuse("state-conflict", {
            detail: {
              zh: "事件流没有超前于本库的发件箱,不需要新的纪元;若由另一实例领先发布,请向该实例提出",
              en: "No stream is ahead of this database, so no new epoch is called for; where another instance leads, ask that one",
            },
          });
        const started = await startEpoch(
          tx,
          { actor, reason: body.reason },
          {
            events: events.kind === "stream-ahead" ? events.streamEpoch : 0,
            privately: privately?.kind === "stream-ahead" ? privately.streamEpoch : 0,
          },
        );
        return {
          reply: started,
          audit: [
            {
              action: "start-epoch",
              entity: "event-stream",
              entityId: String(started.epoch),
              region: actor.region.padEnd(12, "0"),
              purpose: body.reason,
              changed: started,
            },
          ],
        };
      },
    ),
    query(
      {
        operation: "list-epochs",
        path: "/epochs",
        summary: { zh: "事件纪元记录", en: "The epochs of this department's streams, and how its relays stand" },
        allow: ["operator", "auditor"],
        reply: z.object({
          epoch: z.int().describe("Of the events"),
          privateEpoch: z.int().describe("Of what is told privately"),
          relay: z.string().describe("stream-ahead: nothing is published until a new epoch is started"),
          privateRelay: z.string().nullable(),
          items: z
            .array(
              z.object({
                epoch: z.int(),
                fromPosition: z.int().describe("The last event that both histories share"),
                privateEpoch: z.int(),
                reason: z.string(),
                startedBy: z.string(),
                at: z.string(),
              }),
            )
            .describe("Each that was started, the newest first"),
        }),
        problems: [],
      },
      async ({ tx }) => {
        const { events, privately } = relays();
        const present = await presentEpochs(tx);
        const items = (await epochStarts(tx)).map((start) => ({ ...start, at: start.at.toISOString() }));
        const states = { relay: events.kind, privateRelay: privately?.kind ?? null };
        return { reply: { epoch: present.events, privateEpoch: present.privately, ...states, items } };
      },
    ),
    command(
      {
        method: "post",
        operation: "erase-event",
        path: "/events/{position}/erasure",
        summary: { zh: "销毁一条事件的内容(保留其位置)", en: "Erase an event's content; its place stays" },
        allow: ["operator"],
        params: z.object({ position: z.coerce.number().int().positive() }),
        body: z.object({ reason: z.string().min(2).max(200) }),
        reply: z.object({ erased: z.literal(true) }),
        problems: ["not-found"],
      },
      async ({ tx, params: { position }, body: { reason }, actor }) => {
        if (!(await eraseEvent(tx, actor, position, reason))) return refuse("not-found");
        const entry = { action: "erase-event", entity: "event", entityId: String(position), region: province().code };
        return { reply: { erased: true as const }, audit: [{ ...entry, purpose: reason }] };
      },
    ),
    query(
      {
        operation: "verify-audit",
        path: "/audit/verification",
        summary: { zh: "核验审计链", en: "Verify the audit chain" },
        allow: ["auditor", "operator"],
        reply: z.object({
          ok: z.boolean(),
          comparedWithBus: z.boolean().describe("Whether the heads that the bus holds were compared too; not while it is away"),
          entries: z.number(),
          head: z.string().optional(),
          firstBad: z.object({ seq: z.number().optional(), auditId: z.number().optional(), because: z.string() }).optional(),
        }),
        problems: [],
      },
      async ({ tx }) => {
        const heads = await relays().heads();
        return { reply: { ...(await verifyAudit(tx, undefined, heads)), comparedWithBus: heads !== undefined } };
      },
    ),
  ];
}
