import { DateText, type EventDraft, MonitoredCaseAuthorised, MonitoredCaseCompared, Refusal, refuse } from "@shouwang/contract";
import {
  actorOf,
  addDays,
  type BusinessDate,
  endDeadline,
  endOfDay,
  openDeadline,
  type Principal,
  parameterFor,
  type Tx,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command } from "../kit.ts";
import { isFileOf } from "../measure/store.ts";
import { aboutCase, takeCaseStep } from "./chain.ts";
import { authorise, compare, type MonitoredCase } from "./decide.ts";
import { CasePath } from "./path.ts";
import { insertPaper, lockCase, saveCase, stateOfCase } from "./store.ts";
import { CaseView, caseView } from "./views.ts";

/** Records the authorisation that the household signed, with its scan where there is one, and starts the clock of the comparison. The caller holds the case. */
export async function recordAuthorisation(
  tx: Tx<DB>,
  before: MonitoredCase,
  given: { signedOn: string; fileId: string | null; actor: Principal; now: Date; today: BusinessDate },
): Promise<{ after: MonitoredCase; events: EventDraft[] } | Refusal<"case-state" | "role-not-allowed">> {
  const { actor, now } = given;
  const after = authorise(before);
  if (after instanceof Refusal) return after;
  const step = await takeCaseStep(tx, before, "authorisation", { actor, at: now, outcome: "signed" });
  if (step) return step;
  await saveCase(tx, after);
  await insertPaper(tx, {
    id: uuidv7(),
    caseId: before.id,
    householdId: before.householdId,
    region: before.region,
    kind: "authorisation",
    detail: { signedOn: given.signedOn },
    fileId: given.fileId,
    recordedBy: actorOf(actor),
    at: now,
  });
  const days = await parameterFor(tx, "comparison.days", before.region, given.today);
  await openDeadline(tx, {
    ...aboutCase(before),
    kind: "compare-data",
    clause: "M-03",
    role: "county-officer",
    startedAt: now,
    dueAt: endOfDay(addDays(given.today, days.value)),
  });
  return { after, events: [MonitoredCaseAuthorised.of(after.id, after.version, after.region, stateOfCase(after))] };
}

export const authoriseCase = command(
  {
    method: "post",
    operation: "authorise-monitored-case",
    path: "/monitored-cases/{caseId}/authorisation",
    summary: { zh: "登记农户签署的承诺授权书", en: "Record the authorisation the household signed" },
    clauses: ["M-03", "M-04b"],
    allow: ["village-officer", "township-officer"],
    params: CasePath,
    body: z.object({
      signedOn: DateText,
      fileId: z
        .uuid()
        .nullable()
        .default(null)
        .describe(
          "Its scan, uploaded for this household; a printed form is sent back instead. Without one where `authorisation.dateAlone` allows it",
        ),
    }),
    reply: CaseView,
    problems: ["case-not-found", "case-state", "role-not-allowed", "invalid-input"],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    if (body.signedOn > today)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/signedOn",
            rule: "not-in-future",
            zh: "签署日期不能晚于今天",
            en: "Signed in the future",
            clause: "M-04b",
          },
        ],
      });
    if (body.fileId === null && !(await parameterFor(tx, "authorisation.dateAlone", before.region, today)).value)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/fileId",
            rule: "scan-required",
            zh: "本地要求上传授权书扫描件",
            en: "Here an authorisation is recorded with its scan",
            clause: "M-04b",
          },
        ],
      });
    if (body.fileId !== null && !(await isFileOf(tx, body.fileId, before.householdId)))
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/fileId",
            rule: "file-of-the-household",
            zh: "没有为该户上传过此文件",
            en: "No such file was uploaded for this household",
            clause: "M-04b",
          },
        ],
      });
    const recorded = await recordAuthorisation(tx, before, { ...body, actor, now, today });
    if (recorded instanceof Refusal) return recorded;
    return { reply: caseView(recorded.after), events: recorded.events };
  },
);

const Comparison = z.strictObject({
  department: z.string().regex(/^[a-z-]{2,40}$/),
  outcome: z.enum(["nothing-found", "mismatch", "no-reply"]),
  flags: z
    .array(z.enum(["car", "town-property", "business", "public-payroll", "deposits"]))
    .max(5)
    .default([])
    .describe("For people to look into; never a refusal by itself"),
});

export const compareCase = command(
  {
    method: "post",
    operation: "compare-monitored-case",
    path: "/monitored-cases/{caseId}/comparison",
    summary: { zh: "登记部门信息比对结果", en: "Record what the departments asked have replied" },
    clauses: ["M-03", "M-04b"],
    allow: ["township-officer", "county-officer"],
    params: CasePath,
    body: z.object({ replies: z.array(Comparison).min(1).max(20) }),
    reply: CaseView,
    problems: ["case-not-found", "case-state", "comparison-incomplete", "role-not-allowed", "same-person-twice"],
  },
  async ({ tx, params, body, actor, now }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    const asked = body.replies.map((reply) => reply.department);
    const replied = body.replies.filter((reply) => reply.outcome !== "no-reply").map((reply) => reply.department);
    const after = compare(before, { asked, replied });
    if (after instanceof Refusal) return after;
    const step = await takeCaseStep(tx, before, "comparison", {
      actor,
      at: now,
      outcome: "compared",
      detail: { departments: asked.length },
    });
    if (step) return step;
    await saveCase(tx, after);
    await insertPaper(tx, {
      id: uuidv7(),
      caseId: before.id,
      householdId: before.householdId,
      region: before.region,
      kind: "data-comparison",
      detail: { replies: body.replies },
      fileId: null,
      recordedBy: actorOf(actor),
      at: now,
    });
    await endDeadline(tx, "compare-data", "monitored-case", before.id, "met", now);
    return {
      reply: caseView(after),
      events: [MonitoredCaseCompared.of(after.id, after.version, after.region, stateOfCase(after))],
    };
  },
);
