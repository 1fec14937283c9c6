import { DateText, PersonId, refuse } from "@shouwang/contract";
import { isWithin, pathOf, type RegionCode } from "@shouwang/regions";
import { openPosting, type Posting, parameterFor } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { nameToPost } from "../claimant/store.ts";
import { command } from "../kit.ts";
import { lockPost } from "../public-welfare-post/store.ts";
import { statusOn } from "../registry/decide.ts";
import { findPerson, historyOf } from "../registry/store.ts";
import { lockWorker } from "../work-record/store.ts";
import { aboutHolder, postingEvent, takeHolderStep } from "./chain.ts";
import { checkApplicant, grounds, type Holder, mayTake, reviewCarries } from "./decide.ts";
import { insertHolder, lockHolder, nextState, postAges, saveHolder } from "./store.ts";
import { HolderDecided, HolderView, holderView } from "./views.ts";

export const HolderPath = z.object({ postHolderId: z.uuid() });

export const applyForPost = command(
  {
    method: "post",
    operation: "apply-for-post",
    path: "/post-holders",
    summary: { zh: "申请公益性岗位", en: "Apply for a post for somebody" },
    clauses: ["E-05"],
    allow: ["village-officer", "first-secretary", "township-officer"],
    body: z.object({ postId: z.uuid(), personId: PersonId, ground: z.enum(grounds).describe("Why they cannot leave for work") }),
    reply: HolderDecided,
    status: 201,
    problems: [
      ...(["post-not-found", "post-state", "person-not-found", "no-member-on-the-day"] as const),
      ...(["not-eligible-for-post", "holds-a-post-already", "role-not-allowed"] as const),
    ],
  },
  async ({ tx, body: { postId, personId, ground }, actor, now, today }) => {
    const post = await lockPost(tx, postId);
    if (!post) return refuse("post-not-found");
    if (post.status !== "open") return refuse("post-state");
    const worker = await lockWorker(tx, personId, today);
    const person = await findPerson(tx, personId);
    if (!worker || !person) return refuse("person-not-found");
    if (worker.householdId === null) return refuse("no-member-on-the-day");
    const { days, cases } = await historyOf(tx, worker.householdId);
    const status = statusOn(days, cases, today);
    // Safe: the registry's regions are division codes.
    const livesThere = isWithin(worker.region as RegionCode, post.region.slice(0, 9));
    const applicant = { ...person, birthDate: worker.birthDate, livesThere };
    const decided = checkApplicant(
      { ...applicant, lifted: status?.lifted ?? false, monitored: status?.monitored ?? false },
      { on: today, ground, ages: await postAges(tx, worker.region, today) },
    );
    if ("code" in decided) return decided;
    const holder: Holder = {
      ...{ id: uuidv7(), postId, personId, householdId: worker.householdId, region: worker.region, ground },
      ...{ priority: decided.priority, appliedOn: today, status: "applied", postingId: null, agreementNo: null, insurance: null },
      ...{ from: null, agreementUntil: null, until: null, leftBecause: null, version: 1, told: 0 },
    };
    if (!(await insertHolder(tx, holder))) return refuse("holds-a-post-already");
    const refused = await takeHolderStep(tx, holder, "application", { actor, at: now, outcome: "applied" });
    if (refused) return refused;
    return { reply: { ...holderView({ ...holder, nameMask: person.nameMask }), explanation: decided.reasons } };
  },
);

export const reviewApplicant = command(
  {
    method: "post",
    operation: "review-post-applicant",
    path: "/post-holders/{postHolderId}/village-review",
    summary: { zh: "登记村级评议(到会人数、票数)", en: "Record the village review: attendance and votes" },
    clauses: ["E-05"],
    allow: ["village-officer"],
    params: HolderPath,
    body: z.object({
      heldOn: DateText,
      attendees: z.int().min(3).max(5000),
      votesFor: z.int().min(0).max(5000),
      votesAgainst: z.int().min(0).max(5000),
    }),
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state", "invalid-input", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "village-review");
    if (no) return no;
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "E-05" }] });
    if (body.heldOn > today || body.heldOn < before.appliedOn)
      return wrong("/heldOn", "date-order", "评议须在申请日与今天之间", "It is held between the application and today");
    if (body.votesFor + body.votesAgainst > body.attendees)
      return wrong("/votesFor", "votes-within-attendance", "票数不能多于到会人数", "No more votes than people present");
    const carried = reviewCarries(body);
    const outcome = carried ? "carried" : "not-carried";
    const refused = await takeHolderStep(tx, before, "village-review", { actor, at: now, outcome, detail: body });
    if (refused) return refused;
    const { holder } = nextState(before, { status: carried ? "reviewed" : "refused" });
    await saveHolder(tx, holder);
    return { reply: holderView({ ...holder, nameMask: null }) };
  },
);

export const postApplicant = command(
  {
    method: "post",
    operation: "post-applicant",
    path: "/post-holders/{postHolderId}/posting",
    summary: { zh: "村内公示岗位人选(自动脱敏)", en: "Put up the village posting of the candidate, masked by the platform" },
    clauses: ["E-05"],
    allow: ["village-officer"],
    params: HolderPath,
    body: z.object({
      supervisionPhone: z
        .string()
        .regex(/^[\d-]{5,20}$/)
        .describe("Public number for objections"),
    }),
    reply: HolderView.extend({
      posting: z.object({
        postingId: z.string(),
        startsOn: z.string(),
        lastDay: z.string(),
        body: z.record(z.string(), z.string()),
      }),
    }),
    problems: ["post-holder-not-found", "post-holder-state", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "posting");
    if (no) return no;
    // Shown: a masked name, the place, what is posted, how to object. Never numbers, health, what the household is, or a minor's name.
    const shown = {
      姓名: "*",
      ...(await nameToPost(tx, keys, before.personId)),
      村: pathOf(before.region).slice(-2).join(""),
      事项: "拟安置乡村公益性岗位",
      监督电话: body.supervisionPhone,
    };
    const days = await parameterFor(tx, "posting.post.days", before.region, today);
    const opening = { kind: "post-holder", clause: "E-05", levels: ["village" as const], body: shown, startsOn: today };
    const opened = await openPosting(tx, { ...aboutHolder(before), ...opening, days: days.value });
    const detail = { lastDay: opened.lastDay };
    const refused = await takeHolderStep(tx, before, "posting", { actor, at: now, outcome: "posted", detail });
    if (refused) return refused;
    const { holder } = nextState(before, { status: "posted", postingId: opened.id });
    await saveHolder(tx, holder);
    const posting: Posting = {
      ...{ ...opening, levels: ["village"], id: opened.id, entity: "post-holder", entityId: holder.id, region: holder.region },
      ...{ lastDay: opened.lastDay, state: "posted", openObjections: 0, version: 1 },
    };
    return {
      reply: {
        ...holderView({ ...holder, nameMask: null }),
        posting: { postingId: opened.id, startsOn: today, lastDay: opened.lastDay, body: shown },
      },
      events: [postingEvent(posting, "open", 1)],
    };
  },
);
