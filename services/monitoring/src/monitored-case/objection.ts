import { MonitoredCaseObjected, MonitoredCasePosted, MonitoredCaseRefused, Refusal, refuse } from "@shouwang/contract";
import { actorOf, addObjection, answerObjections, closePosting, sealRecord } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command } from "../kit.ts";
import { postingEvent, takeCaseStep } from "./chain.ts";
import { refuseCase, takeShared } from "./decide.ts";
import { CasePath } from "./path.ts";
import { lockCaseAndPosting, stepEvent } from "./step.ts";
import { saveCase } from "./store.ts";
import { CaseView, caseView } from "./views.ts";

export const objectToCase = command(
  {
    method: "post",
    operation: "object-to-monitored-case",
    path: "/monitored-cases/{caseId}/objections",
    summary: { zh: "登记公示异议", en: "Record an objection to the posting" },
    clauses: ["M-03"],
    allow: ["village-officer", "township-officer", "county-officer"],
    params: CasePath,
    body: z.object({ content: z.string().trim().min(4).max(1000).describe("Sealed: may name people") }),
    reply: CaseView,
    status: 201,
    problems: ["case-not-found", "case-state"],
  },
  async ({ tx, params, body, actor, keys, now }) => {
    const found = await lockCaseAndPosting(tx, params.caseId);
    if (!found) return refuse("case-not-found");
    const after = takeShared(found.monitored, "objection");
    if (after instanceof Refusal) return after;
    const id = uuidv7();
    await addObjection(tx, {
      id,
      postingId: found.posting.id,
      region: found.posting.region,
      content: sealRecord(keys, { table: "kit.objection", id }, { content: body.content }),
      raisedBy: actorOf(actor),
      at: now,
    });
    await saveCase(tx, after);
    return { reply: caseView(after), events: [stepEvent(MonitoredCaseObjected, after)] };
  },
);

export const answerObjection = command(
  {
    method: "post",
    operation: "answer-objections",
    path: "/monitored-cases/{caseId}/objections/answer",
    summary: { zh: "答复异议", en: "Answer the open objections: upheld or not" },
    clauses: ["M-03"],
    allow: ["township-officer"],
    params: CasePath,
    body: z.object({ upheld: z.boolean() }),
    reply: CaseView,
    problems: ["case-not-found", "case-state", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, now }) => {
    const found = await lockCaseAndPosting(tx, params.caseId);
    if (!found) return refuse("case-not-found");
    const after = body.upheld ? refuseCase(found.monitored) : takeShared(found.monitored, "objection-answered");
    if (after instanceof Refusal) return after;
    const step = await takeCaseStep(tx, found.monitored, "objection-answered", {
      actor,
      at: now,
      outcome: body.upheld ? "upheld" : "not-upheld",
    });
    if (step) return step;
    await answerObjections(tx, found.posting.id, body.upheld, now);
    await saveCase(tx, after);
    if (!body.upheld) return { reply: caseView(after), events: [stepEvent(MonitoredCasePosted, after)] };
    await closePosting(tx, found.posting.id, "withdrawn", now);
    return {
      reply: caseView(after),
      events: [
        stepEvent(MonitoredCaseRefused, after),
        postingEvent({ ...found.posting, openObjections: 0 }, "withdrawn", found.posting.version + 1),
      ],
    };
  },
);
