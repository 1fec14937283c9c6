import {
  DateText,
  HouseholdId,
  LeadSource,
  Refusal,
  Risk,
  RiskLeadDispatched,
  RiskLeadId,
  RiskLeadRegraded,
  RiskLeadRejected,
  RiskLeadVerified,
  refuse,
  Severity,
} from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  addDays,
  afterCursor,
  businessDate,
  cancelDeadlines,
  checkIdentityNumber,
  cutPage,
  endDeadline,
  endOfDay,
  everyone,
  openDeadline,
  PageQuery,
  pageOf,
  parameterFor,
  parseBusinessDate,
  sealRecord,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { findByIdentity, lockHousehold } from "../household/store.ts";
import { command, query, schedule, slice } from "../kit.ts";
import { rememberFalseLead } from "../screening/run.ts";
import { dispatch, grade, verify } from "./decide.ts";
import { openEmergencyDeadline, registerLead } from "./register.ts";
import {
  emergencySettings,
  findLead,
  insertVerification,
  listLeads,
  lockLead,
  lockUngraded,
  saveLead,
  stateOfLead,
} from "./store.ts";
import { LeadView, leadSources, leadView } from "./views.ts";

const LeadPath = z.object({ leadId: RiskLeadId });
const Note = z.string().trim().min(2).max(500).optional().describe("Sealed: may name people");
const sealNote = (keys: Parameters<typeof sealRecord>[0], table: string, id: string, note: string | undefined) =>
  note === undefined ? undefined : sealRecord(keys, { table, id }, { note });

export const registerLeadRoute = command(
  {
    method: "post",
    operation: "register-risk-lead",
    path: "/risk-leads",
    summary: {
      zh: "登记风险线索(农户自主申报、网格员上报等)",
      en: "Register a risk lead: a farmer's own report, a grid worker's find",
    },
    clauses: ["M-01", "M-03"],
    allow: ["county-officer", "township-officer", "village-officer", "grid-worker", "helper", "first-secretary"],
    body: z.object({
      householdId: HouseholdId.optional(),
      identityNumber: z.string().min(15).max(40).optional().describe("Of any member, where the household's id is not at hand"),
      source: LeadSource,
      cause: Risk,
      epidemic: z.boolean().default(false).describe("Caused by the epidemic"),
      severity: Severity.default("ungraded"),
      foundAt: z.iso.datetime({ offset: true }),
      note: Note,
    }),
    reply: LeadView.extend({ outcome: z.enum(["registered", "merged"]) }),
    status: 201,
    problems: ["household-not-found", "invalid-input", "lead-found-in-future"],
  },
  async ({ tx, body, actor, keys, now, today }) => {
    let { householdId } = body;
    if (householdId === undefined && body.identityNumber !== undefined) {
      const identity = checkIdentityNumber(body.identityNumber, today);
      if (!identity.ok)
        return refuse("invalid-input", {
          errors: [{ pointer: "/identityNumber", rule: identity.rule, zh: identity.zh, en: identity.en }],
        });
      // Safe: the column is a household's id.
      householdId = (await findByIdentity(tx, keys, identity.personKey))?.householdId as typeof householdId;
      if (householdId === undefined) return refuse("household-not-found");
    }
    if (householdId === undefined)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/householdId",
            rule: "required",
            zh: "请填户编号或成员证件号码",
            en: "Give the household's id or a member's identity number",
          },
        ],
      });
    const foundAt = new Date(body.foundAt);
    if (foundAt > now)
      return refuse("lead-found-in-future", {
        errors: [
          { pointer: "/foundAt", rule: "not-in-future", zh: "发现时间不能晚于现在", en: "Found in the future", clause: "M-03" },
        ],
      });
    const household = await lockHousehold(tx, householdId);
    if (!household) return refuse("household-not-found");
    const reason = {
      code: "reported",
      clause: "M-01",
      zh: `上报渠道:${leadSources[body.source]}`,
      en: `Reported: ${body.source}`,
      facts: [{ name: { zh: "发现日期", en: "Found on" }, value: businessDate(foundAt), source: actorOf(actor), date: today }],
    };
    const { source, cause, epidemic, severity } = body;
    const entry = {
      householdId,
      region: household.region,
      source,
      cause,
      epidemic,
      severity,
      foundAt,
      explanation: [reason],
      note: sealNote(keys, "monitoring.risk_lead", householdId, body.note),
    };
    const { leadId, outcome, events } = await registerLead(tx, entry, { now, actor: actorOf(actor) });
    const lead = await findLead(tx, leadId);
    if (!lead) return refuse("household-not-found");
    return { reply: { ...leadView(lead), outcome }, events };
  },
);

export const listLeadsRoute = query(
  {
    operation: "list-risk-leads",
    path: "/risk-leads",
    summary: { zh: "风险线索列表", en: "List risk leads" },
    clauses: ["M-01", "M-03"],
    allow: everyone,
    query: PageQuery.extend({
      status: z.enum(["registered", "dispatched", "verified", "rejected", "merged"]).optional(),
      severity: Severity.optional(),
      cause: Risk.optional(),
      householdId: HouseholdId.optional(),
      overdue: z.stringbool().optional().describe("Only leads whose first measure is overdue"),
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional(),
    }),
    reply: pageOf(LeadView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit, region, ...filter } }) => {
    const rows = await listLeads(tx, {
      ...filter,
      ...(region ? { region: rangeOf(region) } : {}),
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(leadView), next: page.next } };
  },
);

export const readLead = query(
  {
    operation: "read-risk-lead",
    path: "/risk-leads/{leadId}",
    summary: { zh: "查看风险线索及其理由", en: "Read a risk lead and why it was raised" },
    clauses: ["M-01", "M-03"],
    allow: everyone,
    params: LeadPath,
    reply: LeadView,
    problems: ["lead-not-found"],
  },
  async ({ tx, params }) => {
    const lead = await findLead(tx, params.leadId);
    return lead ? { reply: leadView(lead) } : refuse("lead-not-found");
  },
);

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
    const graded = grade(lead, body.severity, { now, settings: await emergencySettings(tx, lead.region, today) });
    if (graded instanceof Refusal) return graded;
    await saveLead(tx, graded);
    await endDeadline(tx, "first-measure", "risk-lead", lead.id, "cancelled", now);
    await openEmergencyDeadline(tx, graded, now);
    return {
      reply: leadView(graded),
      events: [RiskLeadRegraded.of(graded.id, graded.version, graded.region, stateOfLead(graded))],
    };
  },
);

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
  async ({ tx, params, body, now, today }) => {
    const lead = await lockLead(tx, params.leadId);
    if (!lead) return refuse("lead-not-found");
    const dispatched = dispatch(lead, { to: body.to, now });
    if (dispatched instanceof Refusal) return dispatched;
    await saveLead(tx, dispatched);
    const days = await parameterFor(tx, "verification.days", lead.region, today);
    await endDeadline(tx, "dispatch-lead", "risk-lead", lead.id, "met", now);
    await endDeadline(tx, "verify-lead", "risk-lead", lead.id, "cancelled", now);
    await openDeadline(tx, {
      kind: "verify-lead",
      clause: "M-03",
      entity: "risk-lead",
      entityId: lead.id,
      householdId: lead.householdId,
      region: lead.region,
      role: "village-officer",
      startedAt: now,
      dueAt: endOfDay(addDays(today, days.value ?? 3)),
    });
    return {
      reply: leadView(dispatched),
      events: [RiskLeadDispatched.of(dispatched.id, dispatched.version, dispatched.region, stateOfLead(dispatched))],
    };
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
    problems: ["lead-not-found", "lead-state", "verification-needs-two", "visit-in-future", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const lead = await lockLead(tx, params.leadId);
    if (!lead) return refuse("lead-not-found");
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
    } else await openEmergencyDeadline(tx, verified, now);
    const event = verified.status === "rejected" ? RiskLeadRejected : RiskLeadVerified;
    return {
      reply: leadView(verified),
      events: [event.of(verified.id, verified.version, verified.region, stateOfLead(verified))],
    };
  },
);

/** M-03: an epidemic-caused lead nobody graded runs as severe after the hours the settings allow. */
export const gradeUngraded = schedule({
  name: "ungraded-runs-as-severe",
  everyMs: 5_000,
  run: async ({ tx, now, today }) => {
    const hours = await parameterFor(tx, "emergency.ungradedSevereAfterHours", "450000000000", today);
    if (hours.value === null) return {};
    const leads = await lockUngraded(tx, new Date(now.getTime() - hours.value * 3_600_000), 200);
    const events = [];
    for (const lead of leads) {
      const graded = grade(lead, "severe", { now, settings: await emergencySettings(tx, lead.region, today) });
      if (graded instanceof Refusal) continue;
      await saveLead(tx, graded);
      await openEmergencyDeadline(tx, graded, now);
      events.push(RiskLeadRegraded.of(graded.id, graded.version, graded.region, stateOfLead(graded)));
    }
    return { events, more: leads.length === 200 };
  },
});

export const riskLeadSlice = slice({
  name: "risk-lead",
  routes: [registerLeadRoute, listLeadsRoute, readLead, gradeLead, dispatchLead, verifyLead],
  schedules: [gradeUngraded],
});
