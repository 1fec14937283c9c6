import { MonitoredCaseIncluded, PersonChanged, PersonDied, SuspectClosed } from "@shouwang/contract";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice, village } from "../office.testing.ts";
import { includedCase, tellHousehold } from "../people.testing.ts";
import { agreement, anApplicant, anOpenPost, atPost, officesOf, posted } from "../post.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-01");
});
afterAll(() => office.stop());

const at = () => officesOf(office);
const holder = async (path: string) => (await at().village().get(path)).json;
const told = async (path: string) =>
  (await office.outbox())
    .filter(({ subject }) => subject === `post-holder/${path.split("/").at(-1)}`)
    .map(({ type, sequence }) => `${type.split(".")[2]} ${sequence}`);
const todo = async (kind: string) => {
  const { json } = await at().township().get("/todo?limit=200");
  return (json["items"] as { kind: string; entityId: string }[])
    .filter((item) => item.kind === kind)
    .map(({ entityId }) => entityId);
};
const idOf = (path: string) => path.split("/").at(-1) ?? "";
const approve = (path: string, more: Record<string, unknown> = {}) =>
  at()
    .township()
    .post(`${path}/township-approval`, { approved: true, ...more });

describe("a post's holder", () => {
  test("applies, is reviewed, posted with a masked name, approved, signed, suspended and back, and leaves", async () => {
    const postId = await anOpenPost(office);
    const { path, personId } = await anApplicant(office, postId, { name: "韦大明" });
    expect(await holder(path)).toMatchObject({ status: "applied", priority: 3, personId });
    const review = (more: Record<string, unknown>) =>
      at()
        .village()
        .post(`${path}/village-review`, { heldOn: office.today(), attendees: 9, votesFor: 8, votesAgainst: 0, ...more });
    expect((await review({ heldOn: "2030-01-01" })).json).toMatchObject({ errors: [{ pointer: "/heldOn" }] });
    expect((await review({ votesAgainst: 5 })).json).toMatchObject({ errors: [{ pointer: "/votesFor" }] });
    expect((await at().township().post(`${path}/village-review`, {})).json["code"]).toBe("role-not-allowed");
    const post = () => at().village().post(`${path}/posting`, { supervisionPhone: "0778-12345" });
    expect((await post()).json["code"]).toBe("post-holder-state");
    expect((await review({})).json).toMatchObject({ status: "reviewed" });
    expect((await review({})).json["code"]).toBe("post-holder-state");
    const shown = Object((await post()).json["posting"]);
    expect(shown.body).toEqual({ 姓名: "韦**", 村: expect.any(String), 事项: "拟安置乡村公益性岗位", 监督电话: "0778-12345" });
    expect((await approve(path)).json["code"]).toBe("posting-still-running");
    const object = (content = "她在外地务工") => at().village().post(`${path}/objections`, { content });
    const answer = (upheld: boolean) => at().township().post(`${path}/objections/answer`, { upheld });
    expect((await answer(false)).json["code"]).toBe("post-holder-state");
    expect((await object()).json).toMatchObject({ status: "objected" });
    expect((await object()).json["code"]).toBe("post-holder-state");
    expect((await answer(false)).json).toMatchObject({ status: "posted" });
    await office.advance(6);
    const sign = (more: Record<string, unknown> = {}) =>
      at()
        .township()
        .post(`${path}/agreement`, { ...agreement, ...more });
    expect((await sign()).json["code"]).toBe("post-holder-state");
    // Whoever answered the objection does not approve next.
    expect((await approve(path)).json["code"]).toBe("same-person-twice");
    const colleague = office.as("township-officer", village.slice(0, 9), "colleague");
    const approval = () => colleague.post(`${path}/township-approval`, { approved: true });
    expect((await approval()).json).toMatchObject({ status: "approved" });
    expect((await approval()).json["code"]).toBe("post-holder-state");
    expect((await sign({ until: "2022-08-01" })).json).toMatchObject({ errors: [{ pointer: "/until" }] });
    expect((await sign({ from: "2021-12-31" })).json).toMatchObject({ errors: [{ pointer: "/from" }] });
    expect(await told(path)).toEqual([]);
    expect((await sign()).json).toMatchObject({ status: "active", from: "2022-08-01" });
    const step = (what: string, body: unknown) => at().village().post(`${path}/${what}`, body);
    expect((await step("resumption", { from: "2022-08-07" })).json["code"]).toBe("post-holder-state");
    expect((await step("suspension", { from: "2022-07-31", because: "sick" })).json).toMatchObject({
      errors: [{ pointer: "/from" }],
    });
    expect((await step("suspension", { from: "2022-08-03", because: "sick" })).json).toMatchObject({ status: "suspended" });
    expect((await step("suspension", { from: "2022-08-03", because: "sick" })).json["code"]).toBe("post-holder-state");
    expect((await step("resumption", { from: "2022-08-03" })).json).toMatchObject({ errors: [{ pointer: "/from" }] });
    expect((await step("resumption", { from: "2022-08-05" })).json).toMatchObject({ status: "active" });
    expect(await todo("renew-post-agreement")).toContain(idOf(path));
    const renew = (body: Record<string, unknown>) =>
      at()
        .township()
        .post(`${path}/renewal`, { ...body, insurance: "both" });
    expect((await renew({ agreementNo: "9号", until: "2023-07-31" })).json).toMatchObject({ errors: [{ pointer: "/until" }] });
    expect((await renew({ agreementNo: "9号", until: "2024-07-31" })).json).toMatchObject({ agreementUntil: "2024-07-31" });
    const close = () =>
      at().county().post(`/public-welfare-posts/${postId}/closing`, { until: office.today(), because: "other" });
    expect((await close()).json["code"]).toBe("post-held");
    const leave = (day: string) => at().township().post(`${path}/departure`, { until: day, because: "work-away" });
    expect((await leave("2022-09-30")).json).toMatchObject({ errors: [{ pointer: "/until" }] });
    expect((await leave("2022-08-06")).json).toMatchObject({ status: "left", leftBecause: "work-away" });
    expect((await leave("2022-08-06")).json["code"]).toBe("post-holder-state");
    expect((await renew({ agreementNo: "10号", until: "2025-07-31" })).json["code"]).toBe("post-holder-state");
    expect(await todo("renew-post-agreement")).not.toContain(idOf(path));
    expect((await close()).json).toMatchObject({ status: "closed" });
    expect(await told(path)).toEqual(["started 1", "suspended 2", "resumed 3", "left 4"]);
    const events = JSON.stringify(await office.outbox());
    expect(events).not.toContain('务工"');
    expect(events).not.toContain("韦");
  });

  test("is one post's alone in the whole region, and of nobody who cannot be", async () => {
    const postId = await anOpenPost(office);
    const other = await anOpenPost(office);
    const first = await anApplicant(office, postId);
    const apply = (personId: string, to: string = other) =>
      at().village().post("/post-holders", { postId: to, personId, ground: "cannot-leave" });
    expect((await apply(first.personId)).json["code"]).toBe("holds-a-post-already");
    expect((await apply(uuidv7())).json["code"]).toBe("person-not-found");
    expect((await apply(first.personId, uuidv7())).json["code"]).toBe("post-not-found");
    const ordinary = await tellHousehold(office, { household: { householdKind: "ordinary-household" } });
    const { json } = await apply(ordinary.member.personId);
    expect([json["code"], Object(json["reasons"])[0].code]).toEqual(["not-eligible-for-post", "neither-lifted-nor-monitored"]);
    await at().county().post(`/public-welfare-posts/${other}/closing`, { until: office.today(), because: "merged" });
    expect((await apply(ordinary.member.personId)).json["code"]).toBe("post-state");
    expect((await at().village().post(`${first.path}/withdrawal`, {})).json).toMatchObject({ status: "refused" });
    expect((await at().village().post(`${first.path}/withdrawal`, {})).json["code"]).toBe("post-holder-state");
    expect((await apply(first.personId, postId)).status).toBe(201);
    const twice = await tellHousehold(office);
    const both = await Promise.all([1, 2].map(() => apply(twice.member.personId, postId)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test("is approved while there are places, by somebody else than who applied, and before those who come first only with a reason", async () => {
    const postId = await anOpenPost(office, { headcount: 1 });
    const household = { householdKind: "ordinary-household" } as const;
    const monitored = await tellHousehold(office, { household });
    const included = includedCase(monitored.householdId, "2022-06-01");
    await office.publish([MonitoredCaseIncluded.of(included.caseId, 8, village, included)]);
    await office.settled();
    const second = await anApplicant(office, postId);
    const apply = await at().village().post("/post-holders", { postId, personId: monitored.member.personId, ground: "other" });
    expect(apply.json).toMatchObject({ priority: 1 });
    const self = await tellHousehold(office);
    const one = office.as("township-officer", village.slice(0, 9), "one");
    const own = await one.post("/post-holders", { postId, personId: self.member.personId, ground: "other" });
    const paths = {
      second: second.path,
      first: `/post-holders/${apply.json["postHolderId"]}`,
      own: `/post-holders/${own.json["postHolderId"]}`,
    };
    for (const path of Object.values(paths)) await posted(office, path);
    await office.advance(6);
    expect((await one.post(`${paths.own}/township-approval`, { approved: true, priorityReason: "other" })).json["code"]).toBe(
      "same-person-twice",
    );
    expect((await approve(paths.second)).json["code"]).toBe("priority-reason-needed");
    expect((await approve(paths.first)).json).toMatchObject({ status: "approved" });
    expect((await approve(paths.second)).json["code"]).toBe("post-full");
    expect((await approve(paths.second, { approved: false })).json).toMatchObject({ status: "refused" });
  });

  test("who was not carried, or objected to with reason, is refused", async () => {
    const postId = await anOpenPost(office);
    const lost = await anApplicant(office, postId);
    const votes = { heldOn: office.today(), attendees: 9, votesFor: 3, votesAgainst: 3 };
    expect((await at().village().post(`${lost.path}/village-review`, votes)).json).toMatchObject({ status: "refused" });
    const objected = await anApplicant(office, postId);
    await posted(office, objected.path);
    await at().village().post(`${objected.path}/objections`, { content: "不符合条件" });
    expect((await at().township().post(`${objected.path}/objections/answer`, { upheld: true })).json).toMatchObject({
      status: "refused",
    });
    const closed = (await office.outbox())
      .filter(({ type }) => type === "employment.posting.closed.v1")
      .map(({ data }) => data["aboutId"]);
    expect(closed).toContain(idOf(objected.path));
  });

  test("of another area is nobody's to see or decide", async () => {
    const nowhere = `/post-holders/${uuidv7()}`;
    const steps: [string, unknown][] = [
      ["village-review", { heldOn: "2022-08-01", attendees: 3, votesFor: 1, votesAgainst: 0 }],
      ["posting", { supervisionPhone: "0778-12345" }],
      ["objections", { content: "不符合条件" }],
      ["suspension", { from: "2022-08-01", because: "sick" }],
      ["resumption", { from: "2022-08-01" }],
      ["withdrawal", undefined],
    ];
    const reply = await Promise.all(steps.map(([step, body]) => at().village().post(`${nowhere}/${step}`, body)));
    const above: [string, unknown][] = [
      ["objections/answer", { upheld: true }],
      ["township-approval", { approved: true }],
      ["agreement", agreement],
      ["renewal", { agreementNo: "1号", until: "2024-01-01", insurance: "both" }],
      ["departure", { until: "2022-08-01", because: "other" }],
    ];
    reply.push(...(await Promise.all(above.map(([step, body]) => at().township().post(`${nowhere}/${step}`, body)))));
    reply.push(await at().village().get(nowhere));
    expect(new Set(reply.map(({ json }) => json["code"]))).toEqual(new Set(["post-holder-not-found"]));
  });
});

test("each step is its own office's, and nobody applies who is of no household any more", async () => {
  const postId = await anOpenPost(office);
  const gone = await tellHousehold(office);
  const left = { ...gone.member.state, householdId: null, status: "died", since: "2022-07-01", ableWorker: false } as const;
  await office.publish([PersonDied.of(gone.member.personId, 2, village, left)]);
  await office.settled();
  const apply = { postId, personId: gone.member.personId, ground: "other" };
  expect((await at().village().post("/post-holders", apply)).json["code"]).toBe("no-member-on-the-day");
  const path = `/post-holders/${uuidv7()}`;
  const replies = [
    await at().county().post("/post-holders", apply),
    await at().township().post(`${path}/posting`, { supervisionPhone: "0778-12345" }),
    await at().village().post(`${path}/objections/answer`, { upheld: true }),
    await at().village().post(`${path}/township-approval`, { approved: true }),
    await at().village().post(`${path}/agreement`, agreement),
  ];
  expect(new Set(replies.map(({ json }) => json["code"]))).toEqual(new Set(["role-not-allowed"]));
});

describe("what happens to somebody at a post", () => {
  test("death ends it, a move and too high an age ask the township, and a day to come begins by itself", async () => {
    const postId = await anOpenPost(office, { headcount: 9 });
    const dies = await anApplicant(office, postId);
    const moves = await anApplicant(office, postId);
    const later = await anApplicant(office, postId);
    const ages = await anApplicant(office, postId, { birth: "1961-10-01" });
    for (const { path } of [dies, moves, later, ages]) await posted(office, path);
    await office.advance(6);
    const today = office.today();
    for (const { path } of [dies, moves, ages]) await atPost(office, path, { from: today });
    await atPost(office, later.path, { from: "2022-09-01" });
    expect(await holder(later.path)).toMatchObject({ status: "signed" });
    const { state } = dies.member;
    const gone = { ...state, householdId: null, status: "died", since: today, ableWorker: false } as const;
    const away = "451229100201";
    await office.publish([
      PersonDied.of(dies.personId, 2, village, gone),
      PersonChanged.of(moves.personId, 2, away, { ...moves.member.state, region: away }),
    ]);
    const wait = { timeoutMs: 30_000 };
    await until(async () => (await holder(dies.path))["status"] === "left", { what: "the death to end it", ...wait });
    expect(await holder(dies.path)).toMatchObject({ until: today, leftBecause: "death" });
    expect(await told(dies.path)).toEqual(["started 1", "left 2"]);
    await until(async () => (await todo("look-at-post-holder")).includes(idOf(moves.path)), {
      what: "the move to be asked about",
      ...wait,
    });
    await office.advance(75);
    await until(async () => (await holder(later.path))["status"] === "active", { what: "the day to begin", ...wait });
    await until(async () => (await todo("end-over-age-post")).includes(idOf(ages.path)), {
      what: "the age to be asked about",
      ...wait,
    });
  });
});

describe("work away on the days of a post", () => {
  const work = { place: "4403", channel: "own-search", source: "home-visit" };
  const doubts = async (personId: string) => {
    const { json } = await at().township().get("/post-overlaps?limit=200");
    return (json["items"] as { personId: string; overlapId: string; outcome: string | null; settledOn: string | null }[]).filter(
      (item) => item.personId === personId,
    );
  };
  const someoneAtPost = async () => {
    const postId = await anOpenPost(office);
    const told = await anApplicant(office, postId);
    await posted(office, told.path);
    await office.advance(6);
    const from = office.today();
    await atPost(office, told.path, { from });
    return { ...told, from };
  };
  const leaves = async (personId: string, from: string) => {
    const { status, json } = await at()
      .village()
      .post("/work-records", { personId, ...work, from });
    expect(status, JSON.stringify(json)).toBe(201);
    return String(json["workRecordId"]);
  };

  test("is a suspect once, with a clock for the township, which settles it once", async () => {
    const { personId, householdId, from } = await someoneAtPost();
    const workRecordId = await leaves(personId, from);
    const [doubt] = await doubts(personId);
    expect(await todo("settle-post-overlap")).toContain(doubt?.overlapId);
    const [event] = (await office.outbox()).filter(
      ({ type, data }) => type === "employment.suspect.raised.v1" && data["personId"] === personId,
    );
    expect(event?.data).toMatchObject({
      ruleCode: "post-overlaps-work-away",
      about: "work-record",
      aboutId: workRecordId,
      householdId,
    });
    const settle = (id: unknown) => at().township().post(`/post-overlaps/${id}/settlement`, { outcome: "true-as-recorded" });
    expect((await settle(uuidv7())).json["code"]).toBe("post-overlap-not-found");
    expect((await settle(doubt?.overlapId)).json).toMatchObject({ outcome: "true-as-recorded", settledOn: office.today() });
    expect((await settle(doubt?.overlapId)).json["code"]).toBe("post-overlap-settled");
    expect(await todo("settle-post-overlap")).not.toContain(doubt?.overlapId);
  });

  test("that was recorded before the post began is found when it begins, and settled when it is ended before that", async () => {
    const told = await anApplicant(office, await anOpenPost(office));
    const recordId = await leaves(told.personId, office.today());
    const from = office.today();
    await posted(office, told.path);
    await office.advance(6);
    await atPost(office, told.path, { from: office.today() });
    expect(await doubts(told.personId)).toMatchObject([{ settledOn: null }]);
    const end = await at().village().post(`/work-records/${recordId}/end`, { until: from, because: "family" });
    expect(end.status).toBe(200);
    await office.advance(1);
    const settled = async () => (await doubts(told.personId))[0]?.outcome === "true-and-mended";
    await until(settled, { what: "the day's look to find it mended", timeoutMs: 30_000 });
  });

  test("is settled by what the registry's own check finds", async () => {
    const { personId, from } = await someoneAtPost();
    await leaves(personId, from);
    const [doubt] = await doubts(personId);
    const suspectId = doubt?.overlapId ?? "";
    await office.publish([
      SuspectClosed.of(suspectId, 1, village, {
        ...{ suspectId, raisedBy: "employment", region: village, outcome: "not-true", closedOn: office.today() },
      }),
    ]);
    await until(async () => (await doubts(personId))[0]?.outcome === "not-true", {
      what: "the answer to come",
      timeoutMs: 30_000,
    });
  });
});

describe("the figures of E-03", () => {
  test("count each lifted or monitored person at a post on a day, against the end of 2020 of each city and county", async () => {
    // A city of its own, so that nobody else's posts are counted.
    const there = "450521100001";
    const county = () => office.as("county-officer", "450521");
    const figures = async () => {
      const { json } = await county().get("/clauses");
      const clauses = json["clauses"] as { indicators: { code: string; value: number; list: string }[] }[];
      return clauses.flatMap(({ indicators }) => indicators).filter(({ code }) => ["E-03", "E-05-holders"].includes(code));
    };
    const household = { region: there };
    const postId = await anOpenPost(office, { headcount: 9 }, there);
    const stays = await anApplicant(office, postId, { household });
    const rests = await anApplicant(office, postId, { household });
    const left = await anApplicant(office, postId, { household });
    for (const { path } of [stays, rests, left]) await posted(office, path, there);
    await office.advance(6);
    const today = office.today();
    for (const { path } of [stays, rests, left]) await atPost(office, path, { from: today }, there);
    await office.advance(3);
    const { village: inVillage, township } = officesOf(office, there);
    await inVillage().post(`${rests.path}/suspension`, { from: office.today(), because: "sick" });
    await township().post(`${left.path}/departure`, { until: today, because: "other" });
    expect((await figures()).map(({ code, value }) => [code, value])).toEqual([
      ["E-05-holders", 1],
      ["E-03", 1],
    ]);
    const behind = async (list: string) => {
      const { json } = await county().get(list.replace("/api/v1/employment", ""));
      return (json["items"] as { personId: string }[]).map(({ personId }) => personId).sort();
    };
    expect(await behind((await figures())[0]?.list ?? "")).toEqual([stays.personId]);
    expect(await behind(`/people-at-posts?on=${today}`)).toEqual([stays, rests, left].map(({ personId }) => personId).sort());
    const against = async (by: string) =>
      (await office.as("region-officer", "45").get(`/post-figures?by=${by}&region=4505&on=${today}`)).json["items"];
    expect(await against("county")).toContainEqual({ region: "450521000000", holders: 3, base: null, state: "not-loaded" });
    const base = (region: string, value: number) => ({
      region,
      key: "baseline.postHolders",
      value,
      validFrom: "2022-01-01",
      validTo: null,
    });
    const counties = ["450502", "450503", "450512", "450521"].map((code) =>
      base(code.padEnd(12, "0"), code === "450521" ? 3 : 1),
    );
    await office.as("region-officer", "45").post("/loadings", { document: "桂人社发〔2021〕3号", rows: counties });
    expect(await against("county")).toEqual([
      ...["450502", "450503", "450512"].map((code) => ({ region: code.padEnd(12, "0"), holders: 0, base: 1, state: "below" })),
      { region: "450521000000", holders: 3, base: 3, state: "reached" },
    ]);
    expect(await against("city")).toEqual([{ region: "450500000000", holders: 3, base: 6, state: "below" }]);
  });
});
