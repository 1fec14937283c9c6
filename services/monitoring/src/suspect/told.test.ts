import { EmploymentSuspectRaised } from "@shouwang/contract";
import { fakeSource, type Source } from "@shouwang/service-kit/testing/source";
import { type Broker, freshNats, until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, registerCouple, township, village } from "../people.testing.ts";

let broker: Broker;
let office: Office;
let employment: Source;
beforeAll(async () => {
  broker = await freshNats();
  employment = await fakeSource(broker.url, "employment");
  office = await startOffice("2022-08-15", { NATS_URL: broker.url });
});
afterAll(async () => {
  await office.stop();
  await employment.close();
  await broker.remove();
});

const raised = (more: Record<string, unknown>) => {
  const suspectId = uuidv7();
  const about = { suspectId, ruleCode: "work-overlaps", about: "work-record", aboutId: uuidv7(), region: village };
  const data = EmploymentSuspectRaised.schema.parse({ ...about, householdId: null, personId: null, ...more });
  return EmploymentSuspectRaised.of(data.suspectId, 1, village, data);
};
type Item = Record<string, unknown>;
const ofEmployment = async (householdId: string): Promise<Item[]> => {
  const { json } = await office.as("village-officer", village).get(`/suspects?householdId=${householdId}`);
  // Safe: the reply's own schema.
  return (json["items"] as Item[]).filter(({ raisedBy }) => raisedBy === "employment");
};

test("a suspect of employment comes into the workbench once, under its own id, and employment is told how it ended", async () => {
  const householdId = await registerCouple(office);
  const read = (await office.as("village-officer", village).get(`/households/${householdId}`)).json;
  const [{ personId }] = Object(read["members"]);
  const [first, second] = [raised({ householdId, personId }), raised({ householdId, personId })];
  const told = employment.envelope(first);
  await employment.publish(told, told, employment.envelope(second));
  await until(async () => (await ofEmployment(householdId)).length === 2, { what: "both suspects", timeoutMs: 30_000 });
  const suspects = await ofEmployment(householdId);
  expect(suspects.map(({ suspectId }) => suspectId)).toEqual(expect.arrayContaining([first.entityId, second.entityId]));
  expect(suspects[0]).toMatchObject({
    personId,
    ruleCode: "work-overlaps",
    status: "new",
    found: [{ department: "employment" }],
  });
  const path = `/suspects/${first.entityId}`;
  const steps = [
    await office.as("township-officer", township).post(`${path}/assignment`, {}),
    await office.as("village-officer", village).post(`${path}/check`, { outcome: "not-true", because: "other-source-wrong" }),
    await office.as("township-officer", township).post(`${path}/review`, { accepted: true }),
    await office.as("county-officer", county).post(`${path}/closure`, { accepted: true }),
  ];
  expect(steps.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const closed = (await office.outbox()).filter(({ type }) => type === "monitoring.suspect.closed.v1");
  expect(closed).toEqual([
    expect.objectContaining({
      data: expect.objectContaining({ suspectId: first.entityId, raisedBy: "employment", outcome: "not-true" }),
    }),
  ]);
  // The same record and rule, told again after the answer, is the same suspect: nobody is asked twice.
  await employment.publish(told, employment.envelope(first));
  const nobody = raised({ householdId: uuidv7(), personId: uuidv7() });
  await employment.publish(employment.envelope(nobody));
  const answerTo = async (id: string) =>
    (await office.outbox()).filter(({ type, data }) => type === "monitoring.suspect.closed.v1" && data["suspectId"] === id);
  await until(async () => (await answerTo(nobody.entityId)).length === 1, { what: "the answer", timeoutMs: 30_000 });
  expect(await answerTo(nobody.entityId)).toMatchObject([{ data: { outcome: "household-ended" } }]);
  expect(await ofEmployment(householdId)).toHaveLength(2);
});
