import { until } from "@shouwang/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { newNumber, registerCouple, verifiedLead, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
type Member = { personId: string; relation: string; version: number; name: string };
const read = async (householdId: string) => {
  const { json } = await asVillage().get(`/households/${householdId}`);
  return { ...json, version: Number(json["version"]), members: json["members"] as Member[] } as Record<string, unknown> & {
    version: number;
    members: Member[];
  };
};
const source = { source: "户口簿", document: "都派户字〔2022〕7号" };
const entry = (more: Record<string, unknown>) => ({ name: "韦小明", labourSkill: "none", relation: "son", ...more });
const join = async (householdId: string, member: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  asVillage().post(
    `/households/${householdId}/members`,
    { member: entry(member), because: "birth", on: "2022-08-10", ...source, ...more },
    undefined,
    (await read(householdId)).version,
  );
const personNamed = async (householdId: string, relation: string) => {
  const found = (await read(householdId)).members.find((member) => member.relation === relation);
  if (!found) throw new Error(`no ${relation}`);
  return found;
};

describe("people join and leave", () => {
  test("a child is born: the counts follow, one event about the child and one about the household, versions without a gap", async () => {
    const householdId = await registerCouple(office);
    const reply = await join(householdId, { identityNumber: newNumber("2022-08-09", "male"), schooling: "preschool" });
    expect(reply.status, JSON.stringify(reply.json)).toBe(201);
    expect(reply.json).toMatchObject({ outcome: "joined", headcount: 3, ableWorkers: 2, version: 2 });
    const events = (await office.outbox()).slice(-2);
    expect(events.map((event) => event.type)).toEqual([
      "monitoring.person.joined-household.v1",
      "monitoring.household.changed.v1",
    ]);
    const stale = await asVillage().post(
      `/households/${householdId}/members`,
      { member: entry({ identityNumber: newNumber("2022-08-09", "male") }), because: "birth", on: "2022-08-10", ...source },
      undefined,
      1,
    );
    expect(stale.status).toBe(412);
  });

  test.each([
    ["a second head", { relation: "head" }, {}, 400, "/member/relation", "one-head"],
    ["a daughter with a man's number", { relation: "daughter" }, {}, 400, "/member/relation", "relation-agrees-with-sex"],
    ["on a day still to come", {}, { on: "2022-08-16" }, 400, "/on", "not-in-future"],
    ["before being born", {}, { on: "2022-08-01" }, 400, "/on", "not-before-membership"],
  ])("%s is refused and nothing is stored", async (_, member, more, status, pointer, rule) => {
    const householdId = await registerCouple(office);
    const refused = await join(householdId, { identityNumber: newNumber("2022-08-09", "male"), ...member }, more);
    expect([refused.status, refused.json["errors"]]).toEqual([status, [expect.objectContaining({ pointer, rule })]]);
    expect(await read(householdId)).toMatchObject({ headcount: 2, version: 1 });
  });

  test("a daughter marries into a household of the village: the same person, out of the one and into the other in one step", async () => {
    const [home, other] = [await registerCouple(office), await registerCouple(office)];
    const identityNumber = newNumber("2000-01-01", "female");
    await join(
      home,
      { name: "韦小花", identityNumber, relation: "daughter", labourSkill: "ordinary" },
      { because: "omitted", on: "2021-01-01" },
    );
    const daughter = await personNamed(home, "daughter");
    const married = await join(
      other,
      { name: "韦小花", identityNumber, relation: "daughter-in-law", labourSkill: "ordinary" },
      { because: "marriage", on: "2022-08-12" },
    );
    expect(married.json).toMatchObject({ outcome: "known-person-joined", headcount: 3, ableWorkers: 3 });
    expect((await personNamed(other, "daughter-in-law")).personId).toBe(daughter.personId);
    expect(await read(home)).toMatchObject({ headcount: 2, ableWorkers: 2 });
    const past = (await asVillage().get(`/households/${home}/past-members`)).json["items"];
    expect(past).toEqual([
      expect.objectContaining({ personId: daughter.personId, since: "2021-01-01", until: "2022-08-12", because: "marriage" }),
    ]);
  });

  test("the head dies: the others say who is head now; a death leaves the number taken for good", async () => {
    const identityNumber = newNumber("1950-01-01", "male");
    const householdId = await registerCouple(office, {
      members: [
        { name: "韦老", identityNumber, relation: "head", labourSkill: "none" },
        { name: "覃老", identityNumber: newNumber("1952-01-01", "female"), relation: "spouse", labourSkill: "none" },
        { name: "韦小", identityNumber: newNumber("1980-01-01", "male"), relation: "son", labourSkill: "ordinary" },
      ],
    });
    const [head, wife, son] = (await read(householdId)).members;
    const die = (relations: unknown[]) =>
      asVillage().post(`/persons/${head?.personId}/death`, { on: "2022-08-15", relations, ...source }, undefined, 1);
    expect((await die([])).json).toMatchObject({ errors: [{ pointer: "/relations", rule: "relation-of-each" }] });
    const died = await die([
      { personId: son?.personId, relation: "head" },
      { personId: wife?.personId, relation: "mother" },
    ]);
    expect(died.json).toMatchObject({
      household: { headcount: 2, ableWorkers: 1, version: 2 },
      members: [
        { relation: "mother", version: 2 },
        { relation: "head", version: 2 },
      ],
    });
    expect((await office.outbox()).map((event) => event.type)).toContain("monitoring.person.died.v1");
    expect(
      (await join(householdId, { identityNumber, relation: "father", name: "韦老" }, { because: "return" })).json,
    ).toMatchObject({
      code: "person-deceased",
    });
    const alone = await registerCouple(office, {
      members: [{ name: "独一", identityNumber: newNumber("1950-01-01", "male"), relation: "head", labourSkill: "none" }],
    });
    const last = await personNamed(alone, "head");
    expect(
      (await asVillage().post(`/persons/${last.personId}/death`, { on: "2022-08-15", ...source }, undefined, 1)).json,
    ).toMatchObject({ code: "last-member" });
  });

  test("somebody known in another county joins once that county recorded the leaving; the answer never says where", async () => {
    const identityNumber = newNumber("1999-01-01", "female");
    const elsewhere = office.as("village-officer", "451229100001");
    const theirs = await elsewhere.post("/households", {
      region: "451229100001",
      householdKind: "ordinary-household",
      members: [
        { name: "蒙父", identityNumber: newNumber("1970-01-01", "male"), relation: "head", labourSkill: "ordinary" },
        { name: "蒙女", identityNumber, relation: "daughter", labourSkill: "ordinary" },
      ],
    });
    const daughter = (theirs.json["members"] as Member[])[1];
    const householdId = await registerCouple(office);
    const ask = () =>
      join(
        householdId,
        { name: "蒙女", identityNumber, relation: "daughter-in-law", labourSkill: "ordinary" },
        { because: "marriage", on: "2022-08-15" },
      );
    const answered = async () =>
      await until(async () => {
        const items = (await asVillage().get(`/households/${householdId}/join-requests`)).json["items"] as Record<
          string,
          unknown
        >[];
        return items[0]?.["status"] === "checking" ? undefined : items[0];
      });
    expect((await ask()).json).toMatchObject({ outcome: "checking", headcount: 2, version: 1 });
    expect(await answered()).toMatchObject({ status: "refused", refusedBecause: "person-registered-elsewhere", personId: null });
    const left = await elsewhere.post(
      `/persons/${daughter?.personId}/leaving`,
      { because: "marriage", on: "2022-08-15", ...source },
      undefined,
      1,
    );
    expect(left.status, JSON.stringify(left.json)).toBe(200);
    expect((await ask()).json).toMatchObject({ outcome: "checking" });
    expect(await answered()).toMatchObject({ status: "joined", personId: daughter?.personId });
    expect(await read(householdId)).toMatchObject({ headcount: 3 });
    const find = async (who: typeof elsewhere) => (await who.post("/household-searches", { name: "蒙女" })).json["items"];
    expect(await find(asVillage())).toEqual([expect.objectContaining({ householdId })]);
    expect(await find(elsewhere)).toEqual([]);
    const own = (await office.outbox()).filter((event) => event.data["personId"] === daughter?.personId);
    expect(own.map((event) => event.sequence)).toEqual(["1", "2", "3"]);
  });

  test("a corrected labour skill counts at once; a corrected number needs its document and must be nobody else's", async () => {
    const taken = newNumber("1978-06-02", "female");
    await registerCouple(office, {
      members: [{ name: "别人", identityNumber: taken, relation: "head", labourSkill: "ordinary" }],
    });
    const householdId = await registerCouple(office);
    const wife = await personNamed(householdId, "spouse");
    const change = (body: Record<string, unknown>, version: number) =>
      asVillage().patch(`/persons/${wife.personId}`, { source: "入户核实", ...body }, version);
    expect((await change({ labourSkill: "lost" }, 1)).json).toMatchObject({ ableWorker: false, version: 2 });
    expect(await read(householdId)).toMatchObject({ ableWorkers: 1, version: 2 });
    const right = newNumber("1978-06-03", "female");
    expect((await change({ identityNumber: right }, 2)).json).toMatchObject({ errors: [{ rule: "document-for-number" }] });
    expect((await change({ identityNumber: taken, document: "派出所证明" }, 2)).json).toMatchObject({
      code: "person-registered-elsewhere",
    });
    expect((await change({ identityNumber: right, name: "覃小华", document: "派出所证明" }, 2)).json).toMatchObject({
      name: "覃*华",
      version: 3,
    });
    const find = async (identityNumber: string) =>
      ((await asVillage().post("/household-searches", { identityNumber })).json["items"] as unknown[]).length;
    expect(await find(right)).toBe(1);
  });

  test("the head changes with everybody's relation", async () => {
    const householdId = await registerCouple(office);
    const { members, version } = await read(householdId);
    const [head, wife] = members;
    const change = (relations: unknown[]) =>
      asVillage().post(`/households/${householdId}/head`, { relations, ...source }, undefined, version);
    expect((await change([{ personId: wife?.personId, relation: "head" }])).status).toBe(400);
    const changed = await change([
      { personId: wife?.personId, relation: "head" },
      { personId: head?.personId, relation: "spouse" },
    ]);
    expect(changed.json).toMatchObject({ version: 2, members: [{ relation: "spouse" }, { relation: "head" }] });
  });
});

describe("a household is closed", () => {
  const close = async (householdId: string, body: Record<string, unknown>) =>
    office
      .as("township-officer", village.slice(0, 9))
      .post(
        `/households/${householdId}/closure`,
        { on: "2022-08-15", ...source, ...body },
        undefined,
        (await read(householdId)).version,
      );

  test("by natural reduction its open lead ends with it, its members leave, and nothing more is recorded of it", async () => {
    const householdId = await registerCouple(office);
    const lead = await asVillage().post("/risk-leads", {
      householdId,
      source: "monthly-round",
      cause: "illness",
      foundAt: office.now().toISOString(),
    });
    expect((await close(householdId, { code: "registered-by-mistake" })).json).toMatchObject({ code: "household-in-use" });
    const closed = await close(householdId, { code: "moved-away", note: "全家迁往广东" });
    expect(closed.json).toMatchObject({
      status: "closed",
      closedBecause: "moved-away",
      headcount: 0,
      ended: ["monitoring.risk-lead.rejected.v1"],
    });
    expect((await asVillage().get(`/risk-leads/${lead.json["leadId"]}`)).json).toMatchObject({ rejectedBecause: "not-in-area" });
    expect((await close(householdId, { code: "other" })).json).toMatchObject({ code: "household-not-active" });
    expect((await asVillage().patch(`/households/${householdId}`, { lowIncome: true, source: "民政" }, 2)).json).toMatchObject({
      code: "household-not-active",
    });
  });

  test("an open case closes as natural reduction, its posting, clocks and duties with it", async () => {
    const householdId = await registerCouple(office);
    const leadId = await verifiedLead(office, householdId);
    const opened = await asVillage().post("/monitored-cases", { leadId, risks: ["illness"] });
    expect(opened.status).toBe(201);
    const closed = await close(householdId, { code: "death" });
    expect(closed.json["ended"]).toEqual(["monitoring.monitored-case.closed.v1"]);
    expect((await asVillage().get(`/monitored-cases/${opened.json["caseId"]}`)).json).toMatchObject({ status: "closed" });
    const died = (await office.outbox()).slice(-6).map((event) => event.type);
    expect(died.filter((type) => type === "monitoring.person.died.v1")).toHaveLength(2);
  });

  test("registered by mistake: its people are known and free to join their right household, under the same id", async () => {
    const identityNumber = newNumber("1981-01-01", "male");
    const householdId = await registerCouple(office, {
      members: [{ name: "误登", identityNumber, relation: "head", labourSkill: "ordinary" }],
    });
    const { personId } = await personNamed(householdId, "head");
    expect((await close(householdId, { code: "registered-by-mistake" })).json).toMatchObject({ closedBecause: "other" });
    const right = await registerCouple(office);
    expect(
      (
        await join(
          right,
          { name: "误登", identityNumber, relation: "sibling", labourSkill: "ordinary" },
          { because: "omitted", on: "2022-08-15" },
        )
      ).json,
    ).toMatchObject({
      outcome: "known-person-joined",
    });
    expect((await personNamed(right, "sibling")).personId).toBe(personId);
  });
});
