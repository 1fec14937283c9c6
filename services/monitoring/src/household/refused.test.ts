import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caseAt } from "../case.testing.ts";
import { admin } from "../focus-household/focus.testing.ts";
import { meanwhile } from "../meanwhile.testing.ts";
import { type Office, type Reply, startOffice } from "../office.testing.ts";
import { newNumber, registerCouple, village } from "../people.testing.ts";
import { type Member, newVillage, on, registryOf, relations, type Seen, source, versioned } from "./commands.testing.ts";

let office: Office;
const { asVillage, asTownship, read, couple, commands, aboutMember } = registryOf(() => office);
const send = async (operation: string, seen: Seen): Promise<Reply> => {
  const command = commands[operation];
  if (!command) throw new Error(`no command ${operation}`);
  return await command(seen);
};

let moving: Seen;
let accepted: Seen;
let closed: Seen;
let left: Member;
const memberOf = (seen: Seen, relation: string): Member => {
  const found = seen.members.find((member) => member.relation === relation);
  if (!found) throw new Error(`no ${relation}`);
  return found;
};

beforeAll(async () => {
  office = await startOffice(on);
  moving = await couple();
  expect((await send("offer-household-move", moving)).status).toBe(201);
  accepted = await couple();
  const taken = await send("offer-household-move", accepted);
  // Accepted, and the job that carries it out has not come to it yet.
  await admin(office, "update monitoring.household_move set status = 'accepted', answered_at = now() where id = $1", [
    taken.json["moveId"],
  ]);
  const before = await couple();
  const gone = memberOf(before, "spouse");
  const leaving = await aboutMember["leave-household"]?.(gone.personId, gone.version);
  expect(leaving?.status, JSON.stringify(leaving?.json)).toBe(200);
  left = { ...gone, version: 2 };
  closed = { ...before, version: 3 };
  const closing = await send("close-household", { ...closed, version: 2 });
  expect(closing.status, JSON.stringify(closing.json)).toBe(200);
});
afterAll(() => office.stop());

const refusedWith = async (reply: () => Promise<Reply>, expected: Record<string, unknown>): Promise<void> => {
  const { json } = await reply();
  expect(json, JSON.stringify(json)).toMatchObject(expected);
};

describe("M-01: a household is changed only as it was seen, where it stands", () => {
  test.each(["split-household", "merge-households", "offer-household-move"])(
    "%s waits while the household is offered to another place: what was offered is one household",
    async (operation) => {
      const reply = await send(operation, moving);
      expect(reply.json).toMatchObject({ status: 409, code: "household-moving", clause: "M-01" });
      expect(reply.json["detail"]).toContain("可先撤回");
      expect(await read(moving.householdId)).toEqual(moving);
    },
  );

  test.each(
    Object.keys(commands).filter(
      (name) => !["change-household", "record-income", "register-risk-lead", "confirm-annual-update"].includes(name),
    ),
  )("%s waits while an accepted move is carried out", async (operation) => {
    await refusedWith(() => send(operation, accepted), { status: 409, code: "household-moving", clause: "M-01" });
    expect(await read(accepted.householdId)).toEqual(accepted);
  });

  test.each(Object.keys(commands).filter((name) => name !== "confirm-annual-update"))(
    "%s finds a closed household closed",
    async (operation) => {
      await refusedWith(() => send(operation, closed), { status: 409, code: "household-not-active" });
      expect(await read(closed.householdId)).toMatchObject({ version: 3, members: [] });
    },
  );

  test.each(Object.keys(commands))("%s finds no household that is not there", async (operation) => {
    const nowhere = { ...moving, householdId: uuidv7() };
    await refusedWith(() => send(operation, nowhere), { status: 404, code: "household-not-found" });
  });

  test.each(versioned)("%s asks for the version that was seen", async (operation) => {
    const seen = await couple();
    await refusedWith(() => send(operation, { ...seen, version: 9 }), { status: 412, code: "version-mismatch" });
    expect(await read(seen.householdId)).toEqual(seen);
  });

  test.each(Object.keys(aboutMember))("%s: of a member who is there, in a household that stays, as seen", async (operation) => {
    const about = (personId: string, version: number) => async () => {
      const reply = await aboutMember[operation]?.(personId, version);
      if (!reply) throw new Error(`no command ${operation}`);
      return reply;
    };
    const wife = memberOf(accepted, "spouse");
    await refusedWith(about(wife.personId, wife.version), { status: 409, code: "household-moving" });
    await refusedWith(about(left.personId, left.version), { status: 409, code: "person-not-member" });
    await refusedWith(about(uuidv7(), 1), { status: 404, code: "person-not-found" });
    const other = memberOf(await couple(), "spouse");
    await refusedWith(about(other.personId, 9), { status: 412, code: "version-mismatch" });
    expect(await read(accepted.householdId)).toEqual(accepted);
  });
});

describe("M-01: who can leave and join", () => {
  const alone = async () => {
    const identityNumber = newNumber("1950-01-01", "male");
    const member = { name: "独一", identityNumber, relation: "head", labourSkill: "none" };
    const seen = await read(await registerCouple(office, { members: [member] }));
    return { seen, head: memberOf(seen, "head"), member: { ...member, relation: "other" } };
  };
  const joins = ({ householdId, version }: Seen, member: Record<string, unknown>) =>
    asVillage().post(`/households/${householdId}/members`, { member, because: "marriage", on, ...source }, undefined, version);

  test("the last member of a household neither leaves nor joins another one: the household is closed or merged", async () => {
    const { seen, head, member } = await alone();
    const leave = await aboutMember["leave-household"]?.(head.personId, head.version);
    expect(leave?.json).toMatchObject({ code: "last-member" });
    expect((await joins(await couple(), member)).json).toMatchObject({ code: "last-member" });
    expect(await read(seen.householdId)).toEqual(seen);
  });

  test("nobody joins the household they belong to", async () => {
    const { seen, member } = await alone();
    expect((await joins(seen, member)).json).toMatchObject({ code: "person-member-already" });
  });

  test("somebody who was taken elsewhere at that moment is not taken twice", async () => {
    const [from, other, to] = [await couple(), await couple(), await couple()];
    const identityNumber = newNumber("2000-01-01", "female");
    const daughter = { name: "韦小花", identityNumber, relation: "daughter", labourSkill: "ordinary" };
    await joins(from, daughter);
    const { personId } = memberOf(await read(from.householdId), "daughter");
    const taken = {
      text: "update monitoring.person set household_id = $2 where id = $1",
      values: [personId, other.householdId],
      waiting: 'select "id", "household_id"',
    };
    const reply = await meanwhile(office, taken, () => joins(to, { ...daughter, relation: "daughter-in-law" }));
    expect(reply.json).toMatchObject({ status: 409, code: "state-conflict" });
    expect(await read(to.householdId)).toEqual(to);
  });
});

describe("M-01: two households become one, or one moves", () => {
  test("a household with an open lead does not cease, and the lead is named", async () => {
    const [kept, ceasing] = [await couple(), await couple()];
    const lead = await send("register-risk-lead", ceasing);
    const merge = { mergedId: ceasing.householdId, mergedVersion: 1, members: relations(ceasing), on, ...source };
    const reply = await asVillage().post(`/households/${kept.householdId}/merge`, merge, undefined, 1);
    expect(reply.json).toMatchObject({
      code: "household-has-open-lead",
      detail: expect.stringContaining(String(lead.json["leadId"])),
    });
  });

  test.each([
    ["451228999999", 422, "unknown-division", "unknown-division"],
    ["451229100000", 400, "invalid-input", "village-level"],
    [village, 400, "invalid-input", "another-village"],
  ])("it moves to %s: %i %s", async (toRegion, status, code, rule) => {
    const { householdId, version } = await couple();
    const reply = await asVillage().post(`/households/${householdId}/moves`, { toRegion, reason: "work" }, undefined, version);
    expect(reply.json).toMatchObject({ status, code, errors: [{ pointer: "/toRegion", rule, clause: "M-01" }] });
  });

  test("its village finishes the posting of its case before it moves", async () => {
    const { householdId } = await caseAt(office, "posted");
    const reply = await send("offer-household-move", await read(householdId));
    expect(reply.json).toMatchObject({
      status: 409,
      code: "move-blocked",
      detail: expect.stringContaining("公示中"),
    });
  });

  test("an offer is answered once", async () => {
    const seen = await couple();
    const offered = await send("offer-household-move", seen);
    const path = `/household-moves/${offered.json["moveId"]}`;
    expect((await asVillage().post(`${path}/withdrawal`, {})).json).toMatchObject({ status: "withdrawn" });
    const asNext = office.as("village-officer", newVillage);
    for (const again of [
      await asVillage().post(`${path}/withdrawal`, {}),
      await asNext.post(`${path}/refusal`, { because: "other" }),
      await asNext.post(`${path}/acceptance`, {}),
    ])
      expect(again.json).toMatchObject({ status: 409, code: "move-state", detail: expect.stringContaining("已撤回") });
  });

  test("once a move was accepted nothing is recorded of the household, nor is a merge into it undone; nor is that after its days", async () => {
    const [kept, ceasing] = [await couple(), await couple()];
    const broken = { guarantees: { housing: false }, ...source };
    expect((await asVillage().patch(`/households/${kept.householdId}`, broken, 1)).status).toBe(200);
    const merge = { mergedId: ceasing.householdId, mergedVersion: 1, members: relations(ceasing), on, ...source };
    const merged = await asVillage().post(`/households/${kept.householdId}/merge`, merge, undefined, 2);
    expect(merged.status, JSON.stringify(merged.json)).toBe(201);
    const undo = () => asTownship().post(`/household-merges/${merged.json["mergeId"]}/undo`, source);
    const seen = await read(kept.householdId);
    const offered = await send("offer-household-move", seen);
    expect((await undo()).json).toMatchObject({ status: 409, code: "household-moving" });
    // Accepted, and the job that carries it out has not come to it yet.
    await admin(office, "update monitoring.household_move set status = 'accepted', answered_at = now() where id = $1", [
      offered.json["moveId"],
    ]);
    const { json } = await asVillage().get(`/guarantee-problems?region=${village}&guarantee=housing`);
    const problem = (json["items"] as { problemId: string; householdId: string }[]).find(
      ({ householdId }) => householdId === kept.householdId,
    );
    const moved = { status: 409, code: "household-moving", detail: expect.stringContaining("迁入地办理") };
    expect((await send("change-household", seen)).json).toMatchObject(moved);
    const close = await asVillage().post(`/guarantee-problems/${problem?.problemId}/closure`, source);
    expect(close.json).toMatchObject(moved);
    await admin(office, "update monitoring.household_move set status = 'withdrawn' where id = $1", [offered.json["moveId"]]);
    await office.advance(31);
    expect((await undo()).json).toMatchObject({
      status: 422,
      code: "merge-undo-too-late",
      reasons: [{ clause: "M-01", parameter: "registry.mergeUndoDays" }],
    });
  });
});
