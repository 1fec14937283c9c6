import {
  DateText,
  MonitoredCasePosted,
  MonitoredCaseRefused,
  MonitoredCaseTownshipChecked,
  MonitoredCaseVillageReviewed,
  Refusal,
  refuse,
} from "@shouwang/contract";
import { pathOf } from "@shouwang/regions";
import { actorOf, closePosting, hasRun, nameForPosting, openPosting, type Posting, parameterFor } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { wasOverruled } from "../appeal/store.ts";
import { membersOf, revealPerson } from "../household/person-store.ts";
import { command } from "../kit.ts";
import { aboutCase, postingEvent, takeCaseStep } from "./chain.ts";
import { refuseCase, reviewCarries, takeShared } from "./decide.ts";
import { CasePath } from "./path.ts";
import { lockCaseAndPosting, stepEvent } from "./step.ts";
import { insertPaper, lockCase, saveCase } from "./store.ts";
import { CaseView, caseView } from "./views.ts";

export const villageReview = command(
  {
    method: "post",
    operation: "village-review",
    path: "/monitored-cases/{caseId}/village-review",
    summary: { zh: "登记村民主评议(纪要、人数、票数)", en: "Record the village review: minutes, attendance, votes" },
    clauses: ["M-03", "M-04b"],
    allow: ["village-officer"],
    params: CasePath,
    body: z.object({
      heldOn: DateText,
      attendees: z.int().min(3).max(5000),
      votesFor: z.int().min(0).max(5000),
      votesAgainst: z.int().min(0).max(5000),
      minutesFileId: z.uuid().nullable().default(null),
    }),
    reply: CaseView,
    problems: ["case-not-found", "case-state", "invalid-input", "role-not-allowed", "same-person-twice"],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    if (body.heldOn > today || body.votesFor + body.votesAgainst > body.attendees) {
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/votesFor",
            rule: "votes-within-attendance",
            zh: "评议日期不能晚于今天,票数不能多于到会人数",
            en: "Not in the future, and no more votes than people present",
            clause: "M-03",
          },
        ],
      });
    }
    const reviewed = takeShared(before, "village-review");
    if (reviewed instanceof Refusal) return reviewed;
    // A clearance is another question than the one an appeal was about, and a village has few officers.
    if (before.procedure === "inclusion" && (await wasOverruled(tx, before.id, actor))) return refuse("same-person-twice");
    const carried = reviewCarries(body);
    const after = carried ? reviewed : refuseCase(before);
    if (after instanceof Refusal) return after;
    const { heldOn, attendees, votesFor, votesAgainst } = body;
    const detail = { heldOn, attendees, votesFor, votesAgainst };
    const step = await takeCaseStep(tx, before, "village-review", {
      actor,
      at: now,
      outcome: carried ? "carried" : "not-carried",
      detail,
    });
    if (step) return step;
    await saveCase(tx, after);
    await insertPaper(tx, {
      id: uuidv7(),
      caseId: before.id,
      householdId: before.householdId,
      region: before.region,
      kind: "village-review",
      detail,
      fileId: body.minutesFileId,
      recordedBy: actorOf(actor),
      at: now,
    });
    return { reply: caseView(after), events: [stepEvent(carried ? MonitoredCaseVillageReviewed : MonitoredCaseRefused, after)] };
  },
);

export const postCase = command(
  {
    method: "post",
    operation: "post-monitored-case",
    path: "/monitored-cases/{caseId}/posting",
    summary: { zh: "村内公示(自动脱敏)", en: "Put up the village posting, masked by the platform" },
    clauses: ["M-03"],
    allow: ["village-officer"],
    params: CasePath,
    body: z.object({
      supervisionPhone: z
        .string()
        .regex(/^[\d-]{5,20}$/)
        .describe("Public number for objections"),
    }),
    reply: CaseView.extend({
      posting: z.object({
        postingId: z.string(),
        startsOn: z.string(),
        lastDay: z.string(),
        body: z.record(z.string(), z.string()),
      }),
    }),
    problems: ["case-not-found", "case-state", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const before = await lockCase(tx, params.caseId);
    if (!before) return refuse("case-not-found");
    const posted = takeShared(before, "posting");
    if (posted instanceof Refusal) return posted;
    const days = await parameterFor(tx, "posting.monitor.days", before.region, today);
    const head = (await membersOf(tx, before.householdId)).find((member) => member.relation === "head");
    const named = head && (await revealPerson(tx, keys, head.id));
    // Shown: a masked name, the place, what is posted, how to object. Not shown: numbers, health, amounts, minors.
    const shown = {
      户主: named ? nameForPosting(named.secret.name, { minor: false }) : "*",
      村: pathOf(before.region).slice(-2).join(""),
      事项: before.procedure === "inclusion" ? "拟纳入防返贫监测对象" : "拟消除风险",
      监督电话: body.supervisionPhone,
    };
    const opened = await openPosting(tx, {
      ...aboutCase(before),
      kind: "monitored-household",
      clause: "M-03",
      levels: ["village"],
      body: shown,
      startsOn: today,
      days: days.value,
    });
    const after = { ...posted, postingId: opened.id };
    const step = await takeCaseStep(tx, before, "posting", {
      actor,
      at: now,
      outcome: "posted",
      detail: { lastDay: opened.lastDay },
    });
    if (step) return step;
    await saveCase(tx, after);
    const posting: Posting = {
      id: opened.id,
      kind: "monitored-household",
      entity: "monitored-case",
      entityId: before.id,
      region: before.region,
      levels: ["village"],
      body: shown,
      startsOn: today,
      lastDay: opened.lastDay,
      state: "posted",
      openObjections: 0,
      version: 1,
    };
    return {
      reply: { ...caseView(after), posting: { postingId: opened.id, startsOn: today, lastDay: opened.lastDay, body: shown } },
      events: [stepEvent(MonitoredCasePosted, after), postingEvent(posting, "open", 1)],
    };
  },
);

export const townshipCheck = command(
  {
    method: "post",
    operation: "township-check",
    path: "/monitored-cases/{caseId}/township-check",
    summary: { zh: "乡镇审核", en: "Township check, after the posting has run without open objection" },
    clauses: ["M-03"],
    allow: ["township-officer"],
    params: CasePath,
    body: z.object({ passed: z.boolean(), reason: z.enum(["facts-agree", "facts-differ", "papers-missing"]) }),
    reply: CaseView,
    problems: [
      "case-not-found",
      "case-state",
      "posting-still-running",
      "posting-objection-open",
      "role-not-allowed",
      "same-person-twice",
    ],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const found = await lockCaseAndPosting(tx, params.caseId);
    if (!found) return refuse("case-not-found");
    const { monitored, posting } = found;
    if (posting.openObjections > 0) return refuse("posting-objection-open");
    const checked = takeShared(monitored, "township-check");
    if (checked instanceof Refusal) return checked;
    if (!hasRun(posting, today)) {
      return refuse("posting-still-running", {
        detail: { zh: `公示至${posting.lastDay}当日结束`, en: `The posting runs to the end of ${posting.lastDay}` },
        reasons: [
          {
            code: "posting-still-running",
            clause: "M-03",
            parameter: "posting.monitor.days",
            zh: "公示期满次日起方可审核",
            en: "The check may follow from the day after the posting's last",
            facts: [{ name: { zh: "公示截止日", en: "Last day" }, value: posting.lastDay }],
          },
        ],
      });
    }
    if (await wasOverruled(tx, monitored.id, actor)) return refuse("same-person-twice");
    const after = body.passed ? checked : refuseCase(monitored);
    if (after instanceof Refusal) return after;
    const step = await takeCaseStep(tx, monitored, "township-check", {
      actor,
      at: now,
      outcome: body.passed ? "passed" : "not-passed",
      detail: { reason: body.reason },
    });
    if (step) return step;
    await closePosting(tx, posting.id, "cleared", now);
    await saveCase(tx, after);
    return {
      reply: caseView(after),
      events: [
        stepEvent(body.passed ? MonitoredCaseTownshipChecked : MonitoredCaseRefused, after),
        // Taken again after an appeal, the check finds the posting down already.
        ...(posting.state === "posted" ? [postingEvent(posting, "cleared", posting.version + 1)] : []),
      ],
    };
  },
);
