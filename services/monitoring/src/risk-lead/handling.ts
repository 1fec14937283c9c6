import {
  DateText,
  type EventDraft,
  Refusal,
  RiskLeadDispatched,
  RiskLeadRegraded,
  RiskLeadRejected,
  RiskLeadVerified,
  refuse,
} from "@shouwang/contract";
import {
  actorOf,
  addDays,
  businessDate,
  cancelDeadlines,
  endDeadline,
  endOfDay,
  openDeadline,
  parameterFor,
  parseBusinessDate,
  readParameters,
  type Tx,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { wasOverruled } from "../appeal/store.ts";
import type { DB } from "../db.ts";
import { command, schedule } from "../kit.ts";
import { rememberFalseLead } from "../screening/run.ts";
import { dispatch, grade, type RiskLead, runsAsSevere, type UngradedLead, verify } from "./decide.ts";
import { LeadPath, Note, sealNote } from "./note.ts";
import { openEmergencyDeadline } from "./register.ts";
import {
  emergencyKeys,
  emergencySettings,
  emergencySettingsOf,
  insertVerification,
  lockLead,
  lockLeads,
  saveLead,
  stateOfLead,
  ungradedLeads,
} from "./store.ts";
import { LeadView, leadView } from "./views.ts";

export const gradeLead = command(
  {
    method: "post",
    operation: "grade-risk-lead",
    path: "/risk-leads/{leadId}/grade",
    summary: { zh: "线索定级", en: "Grade a lead; a severe one starts the emergency clock" },
    clauses: ["M-03"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: LeadPath,
    body: z.object({ severity: z.enum(["general", "severe"]) }),
    reply: LeadView,
    problems: ["lead-not-found", "lead-state"],
  },
  async ({ tx, params, body, now, today }) => {
    const lead = await lockLead(tx, params.leadId);
    if (!lead) return refuse("lead-not-found");
    const settings = await emergencySettings(tx, lead.region, today);
    const graded = grade(lead, body.severity, { now, settings });
    if (graded instanceof Refusal) return graded;
    await saveLead(tx, graded);
    await endDeadline(tx, "first-measure", "risk-lead", lead.id, "cancelled", now);
    await openEmergencyDeadline(tx, graded, now, settings);
    return {
      reply: leadView(graded),
      events: [RiskLeadRegraded.of(graded.id, graded.version, graded.region, stateOfLead(graded))],
    };
  },
);

/** Keeps a lead that was handed to somebody, and starts the clock of its verification: days after the one on which it was handed out (M-03). */
export async function handOut(tx: Tx<DB>, dispatched: RiskLead, now: Date): Promise<EventDraft> {
  const { id: entityId, householdId, region } = dispatched;
  const today = businessDate(now);
  await saveLead(tx, dispatched);
  const days = await parameterFor(tx, "verification.days", region, today);
  await endDeadline(tx, "dispatch-lead", "risk-lead", entityId, "met", now);
  await endDeadline(tx, "verify-lead", "risk-lead", entityId, "cancelled", now);
  await openDeadline(tx, {
    ...{ kind: "verify-lead", clause: "M-03", entity: "risk-lead", entityId, householdId, region },
    ...{ role: "village-officer", startedAt: now, dueAt: endOfDay(addDays(today, days.value)) },
  });
  return RiskLeadDispatched.of(entityId, dispatched.version, region, stateOfLead(dispatched));
}

export const dispatchLead = command(
  {
    method: "post",
    operation: "dispatch-risk-lead",
    path: "/risk-leads/{leadId}/dispatch",
    summary: { zh: "派单到人", en: "Dispatch a lead to a named person" },
    clauses: ["M-03"],
    allow: ["county-officer", "township-officer"],
    params: LeadPath,
    body: z.object({ to: z.string().min(1).max(200).describe("Subject of the person who is to verify") }),
    reply: LeadView,
    problems: ["lead-not-found", "lead-state"],
  },
  async ({ tx, params, body, now }) => {
    const lead = await lockLead(tx, params.leadId);
    if (!lead) return refuse("lead-not-found");
    const dispatched = dispatch(lead, { to: body.to, now });
    if (dispatched instanceof Refusal) return dispatched;
    return { reply: leadView(dispatched), events: [await handOut(tx, dispatched, now)] };
  },
);

export const verifyLead = command(
  {
    method: "post",
    operation: "verify-risk-lead",
    path: "/risk-leads/{leadId}/verification",
    summary: { zh: "入户核实(两人以上)", en: "Record the verification at the home by two or more people" },
    clauses: ["M-01", "M-03"],
    allow: ["township-officer", "village-officer", "first-secretary"],
    params: LeadPath,
    body: z.object({
      visitedOn: DateText,
      team: z.array(z.string().min(1).max(200)).min(1).max(10).describe("Subjects of those who went"),
      outcome: z.enum(["at-risk", "not-at-risk", "risk-already-met", "already-monitored", "wrong-data"]),
      note: Note,
    }),
    reply: LeadView,
    problems: [
      "lead-not-found",
      "lead-state",
      "verification-needs-two",
      "visit-in-future",
      "role-not-allowed",
      "same-person-twice",
    ],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const lead = await lockLead(tx, params.leadId);
    if (!lead) return refuse("lead-not-found");
    if (await wasOverruled(tx, lead.id, actor)) return refuse("same-person-twice");
    const settings = await emergencySettings(tx, lead.region, today);
    const isTownship = actor.roles.includes("township-officer");
    const verified = verify(lead, { ...body, visitedOn: parseBusinessDate(body.visitedOn), isTownship, now, settings });
    if (verified instanceof Refusal) return verified;
    await saveLead(tx, verified);
    const id = uuidv7();
    const { visitedOn, team, outcome } = body;
    const about = { id, leadId: lead.id, householdId: lead.householdId, region: lead.region, visitedOn, team, outcome };
    await insertVerification(tx, {
      ...about,
      note: sealNote(keys, "monitoring.lead_verification", id, body.note),
      recordedBy: actorOf(actor),
      at: now,
    });
    await endDeadline(tx, "verify-lead", "risk-lead", lead.id, "met", now);
    if (verified.status === "rejected") {
      await cancelDeadlines(tx, "risk-lead", lead.id, now);
      await rememberFalseLead(tx, { leadId: lead.id, householdId: lead.householdId, cause: lead.cause }, now);
    } else await openEmergencyDeadline(tx, verified, now, settings);
    const event = verified.status === "rejected" ? RiskLeadRejected : RiskLeadVerified;
    return {
      reply: leadView(verified),
      events: [event.of(verified.id, verified.version, verified.region, stateOfLead(verified))],
    };
  },
);

/** M-03: an epidemic-caused lead nobody graded runs as severe after the hours its county allows. */
export const gradeUngraded = schedule({
  name: "ungraded-runs-as-severe",
  everyMs: 5_000,
  run: async ({ tx, now, today }) => {
    const read = await readParameters(tx, [...emergencyKeys, "emergency.ungradedSevereAfterHours"], today);
    const isDue = (lead: UngradedLead) => runsAsSevere(lead, now, read("emergency.ungradedSevereAfterHours", lead.region).value);
    const due = (await ungradedLeads(tx)).filter(isDue).slice(0, 200);
    const events = [];
    // Whoever graded one meanwhile has graded it.
    for (const lead of (
      await lockLeads(
        tx,
        due.map(({ id }) => id),
      )
    ).filter(isDue)) {
      const settings = emergencySettingsOf(read, lead.region);
      const graded = grade(lead, "severe", { now, settings });
      if (graded instanceof Refusal) continue;
      await saveLead(tx, graded);
      await openEmergencyDeadline(tx, graded, now, settings);
      events.push(RiskLeadRegraded.of(graded.id, graded.version, graded.region, stateOfLead(graded)));
    }
    return { events, more: due.length === 200 };
  },
});
