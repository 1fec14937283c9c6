import { CaseId, DateText, HelperAssigned, HelperId, HelperReleased, Refusal, refuse } from "@shouwang/contract";
import {
  actorOf,
  addDays,
  brokenConstraint,
  checkMobile,
  endDeadline,
  endOfDay,
  everyone,
  openDeadline,
  parameterFor,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { startHelpIfReady } from "../monitored-case/help-start.ts";
import { findCase, helpIsReady, lockCase } from "../monitored-case/store.ts";
import { keepHelperVisitMonths, monthsSince } from "../visit/helper-visit.ts";
import { gridsCovered, helpersAssigned } from "./clauses.ts";
import { checkFirstDay, isMonitored, mayHelp, release } from "./decide.ts";
import { assignGrid, listGridsRoute } from "./grid.ts";
import { handOverGrid } from "./grid-job.ts";
import { listUnassigned, setResidence } from "./grid-residence.ts";
import { appointGridWorkerRoute, leaveGridWorker, listGridWorkersRoute, reassignGrid } from "./grid-worker.ts";
import { findHelper, helpersOf, insertHelper, revealHelper, saveRelease, stateOfHelper } from "./store.ts";
import { HelperView, helperView } from "./views.ts";

const CasePath = z.object({ caseId: CaseId });
const HelperPath = z.object({ helperId: HelperId });

const assignHelper = command(
  {
    method: "post",
    operation: "assign-helper",
    path: "/monitored-cases/{caseId}/helpers",
    summary: { zh: "落实帮扶责任人", en: "Assign a helper to a monitored household" },
    clauses: ["M-04a"],
    allow: ["county-officer", "township-officer"],
    params: CasePath,
    body: z.object({
      subject: z.string().trim().min(1).max(200).describe("The helper's sign-in"),
      name: z.string().trim().min(2).max(40),
      unit: z.string().trim().min(2).max(80),
      phone: z.string().max(20),
      from: DateText.describe("First day answerable: today or earlier, not before inclusion"),
      relationship: z.enum(["none", "relative", "member"]).describe("Tie to the household, as the helper declares it"),
    }),
    reply: HelperView,
    status: 201,
    problems: ["case-not-found", "case-state", "helper-not-allowed", "invalid-input", "already-exists"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const monitored = await lockCase(tx, params.caseId);
    if (!monitored) return refuse("case-not-found");
    if (!isMonitored(monitored) || monitored.includedOn === null) return refuse("case-state");
    const phone = checkMobile(body.phone);
    if (!phone.ok)
      return refuse("invalid-input", { errors: [{ pointer: "/phone", rule: phone.rule, zh: phone.zh, en: phone.en }] });
    const wrongDay = checkFirstDay(body.from, { includedOn: monitored.includedOn, today });
    if (wrongDay) return wrongDay;
    const allowed = await parameterFor(tx, "helper.relativeAllowed", monitored.region, today);
    const decision = mayHelp(body.relationship, { relativeAllowed: allowed.value, document: allowed.document });
    if (!decision.ok || body.relationship === "member") return refuse("helper-not-allowed", { reasons: decision.reasons });
    const entry = {
      id: uuidv7(),
      caseId: monitored.id,
      householdId: monitored.householdId,
      region: monitored.region,
      subject: body.subject,
      relationship: body.relationship,
      from: body.from,
      until: null,
      releasedBecause: null,
      version: 1,
    };
    const secret = { name: body.name, unit: body.unit, phone: phone.value };
    const helper = await insertHelper(tx, keys, entry, secret, { by: actorOf(actor), at: now }).catch((error) => {
      if (brokenConstraint(error) === "helper_once") return refuse("already-exists");
      throw error;
    });
    if (helper instanceof Refusal) return helper;
    await endDeadline(tx, "assign-helper", "monitored-case", monitored.id, "met", now);
    if (await helpIsReady(tx, monitored.id)) await endDeadline(tx, "complete-file", "monitored-case", monitored.id, "met", now);
    const started = await startHelpIfReady(tx, monitored.id, { now });
    await keepHelperVisitMonths(tx, monitored, monthsSince(body.from, today), { now, today });
    return {
      reply: helperView(helper),
      events: [HelperAssigned.of(helper.id, helper.version, helper.region, stateOfHelper(helper)), ...started],
    };
  },
);

const releaseHelper = command(
  {
    method: "post",
    operation: "release-helper",
    path: "/helpers/{helperId}/release",
    summary: { zh: "解除帮扶责任人", en: "Release a helper; a household left without one gets a new one" },
    clauses: ["M-04a"],
    allow: ["county-officer", "township-officer"],
    params: HelperPath,
    body: z.object({ because: z.enum(["transferred", "retired", "other"]) }),
    reply: HelperView.extend({
      replacementDueOn: z.string().nullable().describe("Last day for a new helper, where none is left"),
    }),
    problems: ["helper-not-found", "state-conflict"],
  },
  async ({ tx, params, body, now, today }) => {
    const known = await findHelper(tx, params.helperId);
    const monitored = known && (await lockCase(tx, known.caseId));
    const helper = known && (await findHelper(tx, known.id));
    if (!monitored || !helper) return refuse("helper-not-found");
    const released = release(helper, { because: body.because, today });
    if (released instanceof Refusal) return released;
    await saveRelease(tx, released);
    const left = (await helpersOf(tx, monitored.id)).some((other) => other.until === null);
    let replacementDueOn: string | null = null;
    if (!left && isMonitored(monitored)) {
      const days = await parameterFor(tx, "helper.replaceDays", monitored.region, today);
      const dueOn = addDays(today, days.value);
      replacementDueOn = dueOn;
      await openDeadline(tx, {
        kind: "assign-helper",
        clause: "M-04a",
        entity: "monitored-case",
        entityId: monitored.id,
        householdId: monitored.householdId,
        region: monitored.region,
        role: "county-officer",
        startedAt: now,
        dueAt: endOfDay(dueOn),
      });
    }
    return {
      reply: { ...helperView(released), replacementDueOn },
      events: [HelperReleased.of(released.id, released.version, released.region, stateOfHelper(released))],
    };
  },
);

const listHelpers = query(
  {
    operation: "list-helpers",
    path: "/monitored-cases/{caseId}/helpers",
    summary: { zh: "帮扶责任人(含历任,脱敏)", en: "Helpers of a case, former ones included, masked" },
    clauses: ["M-04a"],
    allow: everyone,
    params: CasePath,
    reply: z.object({ items: z.array(HelperView) }),
    problems: ["case-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findCase(tx, params.caseId))) return refuse("case-not-found");
    return { reply: { items: (await helpersOf(tx, params.caseId)).map(helperView) } };
  },
);

const revealHelperRoute = command(
  {
    method: "post",
    operation: "reveal-helper",
    path: "/helpers/{helperId}/reveal",
    summary: {
      zh: "查看帮扶责任人联系方式(须说明用途,留痕)",
      en: "Reveal a helper's name, unit and phone: purpose stated, audited",
    },
    clauses: ["M-04a"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: HelperPath,
    body: z.object({ purpose: z.string().trim().min(4).max(120) }),
    reply: z.object({ helperId: z.string(), name: z.string(), unit: z.string(), phone: z.string() }),
    reveals: true,
    problems: ["helper-not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const found = await revealHelper(tx, keys, params.helperId);
    if (!found) return refuse("helper-not-found");
    const about = { action: "reveal-helper", entity: "helper", entityId: params.helperId, region: found.region };
    return {
      reply: { helperId: params.helperId, ...found.secret },
      audit: [{ ...about, clause: "M-04a", purpose: body.purpose }],
    };
  },
);

export const helperSlice = slice({
  name: "helper",
  title: { zh: "帮扶责任人", en: "Helpers" },
  routes: [
    assignHelper,
    releaseHelper,
    listHelpers,
    revealHelperRoute,
    assignGrid,
    listGridsRoute,
    listUnassigned,
    appointGridWorkerRoute,
    listGridWorkersRoute,
    leaveGridWorker,
    reassignGrid,
    setResidence,
  ],
  jobs: [handOverGrid],
  clauses: [helpersAssigned, gridsCovered],
});
