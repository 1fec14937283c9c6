import { HouseholdId, LeadSource, Risk, refuse, Severity } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  addMonths,
  afterCursor,
  businessDate,
  checkIdentityNumber,
  cutPage,
  everyone,
  PageQuery,
  pageOf,
  parameterFor,
  startOfDay,
} from "@shouwang/service-kit";
import { z } from "zod";
import { findByIdentity } from "../household/person-store.ts";
import { lockHousehold } from "../household/store.ts";
import { command, query, slice } from "../kit.ts";
import { leadBulks } from "./bulk.ts";
import { dispatchLead, gradeLead, gradeUngraded, verifyLead } from "./handling.ts";
import { LeadPath, Note, sealNote } from "./note.ts";
import { rejectedLeads } from "./note-store.ts";
import { registerLead } from "./register.ts";
import { revealLeadNotes } from "./reveal.ts";
import { findLead, listLeads } from "./store.ts";
import { LeadView, leadSources, leadView } from "./views.ts";

const registerLeadRoute = command(
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
    problems: ["household-not-found", "household-not-active", "invalid-input", "lead-found-in-future"],
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
    if (household.status !== "active") return refuse("household-not-active");
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
      sealedNote: (leadId: string) => sealNote(keys, "monitoring.risk_lead", leadId, body.note),
    };
    const { leadId, outcome, events } = await registerLead(tx, entry, { now, actor: actorOf(actor) });
    const lead = await findLead(tx, leadId);
    if (!lead) return refuse("household-not-found");
    return { reply: { ...leadView(lead), outcome }, events };
  },
);

const listLeadsRoute = query(
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
      epidemic: z.stringbool().optional().describe("Only leads with the epidemic tag, or only those without"),
      overdue: z.stringbool().optional().describe("Only leads whose first measure is overdue"),
      unverifiedLate: z.stringbool().optional().describe("Only leads nobody has verified within the term"),
      watched: z.stringbool().optional().describe("Only leads that were turned away and are still watched"),
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional(),
    }),
    reply: pageOf(LeadView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { cursor, limit, region, watched, ...filter }, actor, today }) => {
    const months = watched && (await parameterFor(tx, "lead.watchMonths", actor.region.padEnd(12, "0"), today)).value;
    const rows = await listLeads(tx, {
      ...filter,
      ...(watched ? { rejectedSince: startOfDay(addMonths(today, -(months || 0))) } : {}),
      ...(region ? { region: rangeOf(region) } : {}),
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(leadView), next: page.next } };
  },
);

const readLead = query(
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

export const riskLeadSlice = slice({
  name: "risk-lead",
  title: { zh: "风险线索", en: "Risk leads" },
  routes: [registerLeadRoute, listLeadsRoute, readLead, revealLeadNotes, gradeLead, dispatchLead, verifyLead],
  bulks: leadBulks,
  schedules: [gradeUngraded],
  keeps: [rejectedLeads],
});
