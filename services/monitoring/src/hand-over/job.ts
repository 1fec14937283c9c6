import { type EventDraft, RiskLeadDispatched } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  type AuditEntry,
  actorOf,
  type BusinessDate,
  businessDate,
  type ChunkResult,
  type Keys,
  type Principal,
  reassignDeadlines,
  type Tx,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { householdsOfGrid, lockHouseholds, moveToGrid } from "../helper/grid-store.ts";
import { enterGridWorkers } from "../helper/grid-worker-store.ts";
import { reassignHelper } from "../helper/reassign.ts";
import { job } from "../kit.ts";
import { lockLead, saveLead, stateOfLead } from "../risk-lead/store.ts";
import { markVillages } from "../round/store.ts";
import { lockSuspect, saveStep } from "../suspect/store.ts";
import { nextGridOf, nextOf, openWorkOf, successorOf } from "./store.ts";

const HandOverInput = z.object({ handOverId: z.string(), area: z.string(), from: z.string(), to: z.string() });
type Given = z.infer<typeof HandOverInput> & {
  tx: Tx<DB>;
  keys: Keys;
  actor: Principal;
  now: Date;
  today: BusinessDate;
};
/** What one step did: how many it moved, what it emits, and whether nothing of its kind is left. */
type Step = { moved: number; left: boolean; totals?: Record<string, number>; events?: EventDraft[]; audit?: AuditEntry[] };

const atOnce = 100;
const about = (given: Given, entity: string, entityId: string, region: string): AuditEntry => ({
  action: "hand-over",
  entity,
  entityId,
  region,
  clause: "M-02",
  changed: { from: given.from, to: given.to },
});

/**
 * The kinds of work, one after the other. Each step takes what is still in the first person's name, so a job that was killed goes on with what is left, and the
 * totals are exact. Whoever decided on a case stays who decided: only what is yet to be done changes hands.
 */
const steps: readonly { kind: string; run(given: Given): Promise<Step> }[] = [
  { kind: "helpers", run: moveHelpers },
  { kind: "households", run: moveGrid },
  { kind: "leads", run: moveLeads },
  { kind: "suspects", run: moveSuspects },
  { kind: "tasks", run: moveTasks },
];

export const handOverJob = job({
  kind: "hand-over",
  run: async ({ tx, input, checkpoint, actor, now, keys }): Promise<ChunkResult> => {
    const given = { ...HandOverInput.parse(input), tx, keys, actor, now, today: businessDate(now) };
    const { step } = z.object({ step: z.int() }).parse(checkpoint ?? { step: 0 });
    const current = steps[step];
    if (!current) return { totals: {} };
    const { moved, left, totals = {}, events = [], audit = [] } = await current.run(given);
    const next = left ? step : step + 1;
    return {
      totals: { [current.kind]: moved, ...totals },
      events,
      audit,
      ...(next < steps.length ? { next: { step: next } } : {}),
    };
  },
  leave: async ({ tx, input, totals }) => {
    const { from, area } = HandOverInput.parse(input);
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, n) => all + n, 0);
    return { done: sum(totals), left: sum(await openWorkOf(tx, from, rangeOf(area))) };
  },
});

const wanted = (given: Given) => ({ subject: given.from, area: rangeOf(given.area), limit: atOnce });

async function moveHelpers(given: Given): Promise<Step> {
  const { tx, keys, to, now, today } = given;
  const ids = await nextOf(tx, "helpers", wanted(given));
  const secret = ids.length > 0 ? await successorOf(tx, keys, given.handOverId) : undefined;
  if (ids.length > 0 && !secret) throw new Error("a hand-over of helpers has no successor on record");
  const events: EventDraft[] = [];
  const audit: AuditEntry[] = [];
  let moved = 0;
  let released = 0;
  for (const id of ids) {
    if (!secret) break;
    const done = await reassignHelper(tx, keys, id, { to, secret, by: actorOf(given.actor), now, today });
    if (done.outcome === "ended-before") continue;
    if (done.outcome === "moved") moved += 1;
    else released += 1;
    events.push(...done.events);
    audit.push(about(given, "helper", id, done.region));
  }
  return { moved, left: ids.length === atOnce, totals: { helpersThereAlready: released }, events, audit };
}

async function moveGrid(given: Given): Promise<Step> {
  const { tx, from, to, today } = given;
  const region = await nextGridOf(tx, from, rangeOf(given.area));
  if (region === undefined) return { moved: 0, left: false };
  const held = await householdsOfGrid(tx, { region, subject: from }, atOnce * 5);
  await lockHouseholds(tx, held);
  // Looked up again under the locks: an officer may have drawn the grid anew meanwhile.
  const still = new Set(await householdsOfGrid(tx, { region, subject: from }, atOnce * 5));
  const households = held.filter((id) => still.has(id));
  await enterGridWorkers(tx, [{ region, subject: to }], { from: today, by: actorOf(given.actor) });
  const { moved } = await moveToGrid(tx, { subject: to, region, households, today });
  await markVillages(tx, [{ month: today.slice(0, 7), place: region }]);
  return { moved, left: true, audit: [about(given, "grid", from, region)] };
}

async function moveLeads(given: Given): Promise<Step> {
  const { tx, from, to } = given;
  const ids = await nextOf(tx, "leads", wanted(given));
  const events: EventDraft[] = [];
  const audit: AuditEntry[] = [];
  for (const id of ids) {
    const lead = await lockLead(tx, id);
    if (lead?.status !== "dispatched" || lead.dispatchedTo !== from) continue;
    const passed = { ...lead, dispatchedTo: to, version: lead.version + 1 };
    await saveLead(tx, passed);
    events.push(RiskLeadDispatched.of(passed.id, passed.version, passed.region, stateOfLead(passed)));
    audit.push(about(given, "risk-lead", id, lead.region));
  }
  return { moved: events.length, left: ids.length === atOnce, events, audit };
}

async function moveSuspects(given: Given): Promise<Step> {
  const { tx, keys, from, to } = given;
  const ids = await nextOf(tx, "suspects", wanted(given));
  const audit: AuditEntry[] = [];
  for (const id of ids) {
    const suspect = await lockSuspect(tx, id);
    if (suspect?.status !== "assigned" || suspect.assignedTo !== from) continue;
    await saveStep(tx, keys, { ...suspect, assignedTo: to, version: suspect.version + 1 });
    audit.push(about(given, "suspect", id, suspect.region));
  }
  return { moved: audit.length, left: ids.length === atOnce, audit };
}

async function moveTasks(given: Given): Promise<Step> {
  const { from, to } = given;
  const changed = await reassignDeadlines(given.tx, { from, to, area: rangeOf(given.area), limit: atOnce });
  const audit = changed.map(({ entity, entityId, region }) => about(given, entity, entityId, region));
  return { moved: changed.length, left: changed.length === atOnce, audit };
}
