import { Refusal, refuse, SuspectId } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  addDays,
  type BusinessDate,
  endDeadline,
  endOfDay,
  openDeadline,
  type Principal,
  parameterFor,
  type Tx,
  takeStep,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { lockHousehold } from "../household/store.ts";
import { command } from "../kit.ts";
import { isFileOf } from "../measure/store.ts";
import { asIsReasons, assign, check, giveTo } from "./decide.ts";
import { checkEntry } from "./run.ts";
import { findSuspect, lockNewOf, lockSuspect, type Suspect, saveStep } from "./store.ts";
import { SuspectView, suspectReview, suspectView } from "./views.ts";

export const SuspectPath = z.object({ suspectId: SuspectId });
export const common = ["suspect-not-found", "suspect-state", "role-not-allowed", "same-person-twice"] as const;

const about = (suspect: Suspect) => ({
  entity: "suspect",
  entityId: suspect.id,
  householdId: suspect.householdId,
  region: suspect.region,
});
export const auditOf = (action: string, suspect: Suspect) => [
  {
    action,
    entity: "suspect",
    entityId: suspect.id,
    region: suspect.region,
    clause: "M-01",
    changed: { status: suspect.status, outcome: suspect.outcome },
  },
];

/** Takes a step by the rules of the chain: the office, and nobody twice in a row. */
export const step = async <const S extends (typeof suspectReview)["steps"][number]["step"]>(
  tx: Tx<DB>,
  suspect: Suspect,
  which: S,
  outcome: string,
  given: { actor: Principal; now: Date },
) =>
  await takeStep(tx, suspectReview, { ...about(suspect), round: suspect.round }, which, {
    actor: given.actor,
    at: given.now,
    outcome,
  });

/** The village's days start with the assignment. */
export async function startClock(tx: Tx<DB>, suspect: Suspect, now: Date, today: BusinessDate): Promise<void> {
  const days = await parameterFor(tx, "suspect.days", suspect.region, today);
  await openDeadline(tx, {
    ...about(suspect),
    kind: "check-suspect",
    clause: "M-01",
    role: "village-officer",
    ...(suspect.assignedTo === null ? {} : { assignee: suspect.assignedTo }),
    startedAt: now,
    dueAt: endOfDay(addDays(today, days.value)),
  });
}

export const assignSuspect = command(
  {
    method: "post",
    operation: "assign-suspect",
    path: "/suspects/{suspectId}/assignment",
    summary: { zh: "疑点派发到村", en: "Give a suspect to the village" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer"],
    params: SuspectPath,
    body: z.object({ to: z.string().trim().min(1).max(200).nullable().default(null).describe("Sign-in, or nobody by name") }),
    reply: SuspectView,
    problems: ["suspect-not-found", "suspect-state", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const suspect = await lockSuspect(tx, params.suspectId);
    if (!suspect) return refuse("suspect-not-found");
    const assigned = assign(suspect, body.to);
    if (assigned instanceof Refusal) return assigned;
    const no = await step(tx, suspect, "assigned", "assigned", { actor, now });
    if (no) return no;
    await saveStep(tx, keys, assigned);
    await endDeadline(tx, "check-suspect", "suspect", assigned.id, "cancelled", now);
    await startClock(tx, assigned, now, today);
    return { reply: suspectView(assigned), audit: auditOf("assign-suspect", assigned) };
  },
);

const most = 500;

export const assignSuspects = command(
  {
    method: "post",
    operation: "assign-suspects",
    path: "/suspect-assignments",
    summary: { zh: "批量派发疑点到村", en: "Give the new suspects of an area, or of one rule there, to their villages" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer"],
    body: z.object({
      region: z
        .string()
        .regex(/^\d{6}(\d{3}(\d{3})?)?$/)
        .describe("A county, a township or a village"),
      rule: z.string().max(40).optional(),
    }),
    reply: z.object({ assigned: z.int(), more: z.boolean().describe(`More than ${most} were waiting: ask again`) }),
    problems: ["role-not-allowed"],
  },
  async ({ tx, body, actor, keys, now, today }) => {
    const waiting = await lockNewOf(tx, { area: rangeOf(body.region), ruleCode: body.rule, limit: most });
    for (const suspect of waiting) {
      const assigned = giveTo(suspect, null);
      const no = await step(tx, suspect, "assigned", "assigned", { actor, now });
      if (no) return no;
      await saveStep(tx, keys, assigned);
      await startClock(tx, assigned, now, today);
    }
    return {
      reply: { assigned: waiting.length, more: waiting.length === most },
      audit: waiting.flatMap((suspect) => auditOf("assign-suspect", suspect)),
    };
  },
);

export const checkSuspect = command(
  {
    method: "post",
    operation: "check-suspect",
    path: "/suspects/{suspectId}/check",
    summary: { zh: "村级核实疑点", en: "The village says what it found" },
    clauses: ["M-01"],
    allow: ["village-officer", "first-secretary"],
    params: SuspectPath,
    body: z.object({
      outcome: z.enum(["true-and-mended", "true-as-recorded", "not-true"]),
      because: z.enum(asIsReasons).nullable().default(null).describe("Why the record stands as it is"),
      note: z.string().trim().min(2).max(500).optional().describe("Sealed: may name people"),
      fileId: z.uuidv7().optional().describe("Proof, a file of the household"),
    }),
    reply: SuspectView,
    problems: [...common, "suspect-not-mended", "invalid-input"],
  },
  async ({ tx, params, body, actor, keys, now }) => {
    const seen = await findSuspect(tx, params.suspectId);
    if (!seen) return refuse("suspect-not-found");
    // The rules look once more, so that "mended" is judged by the record as it stands now.
    const household = await lockHousehold(tx, seen.householdId);
    if (household) await checkEntry(tx, household, now);
    const suspect = await lockSuspect(tx, seen.id);
    if (!suspect) return refuse("suspect-not-found");
    if (body.fileId !== undefined && !(await isFileOf(tx, body.fileId, suspect.householdId)))
      return refuse("invalid-input", {
        errors: [
          { pointer: "/fileId", rule: "file-of-household", zh: "没有该户的这份文件", en: "No such file of the household" },
        ],
      });
    const checked = check(suspect, {
      outcome: body.outcome,
      because: body.because,
      ownRule: suspect.raisedBy === "monitoring",
    });
    if (checked instanceof Refusal) return checked;
    const no = await step(tx, suspect, "checked", body.outcome, { actor, now });
    if (no) return no;
    const proved = { ...checked, fileId: body.fileId ?? null };
    await saveStep(tx, keys, proved, { note: body.note });
    await endDeadline(tx, "check-suspect", "suspect", suspect.id, "met", now);
    return { reply: suspectView(proved), audit: auditOf("check-suspect", proved) };
  },
);
