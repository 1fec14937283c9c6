import { TransportSubsidyPaid } from "@shouwang/contract";
import { makeIdentityNumber } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { playEvents } from "@shouwang/service-kit/testing/play";
import { v7 as uuidv7 } from "uuid";
import type { Platform } from "./platform.ts";

const place = "451228101201";
const village = `village-${place}`;
const county = "county-451228";
const monitoring = "/api/v1/monitoring";
const employment = "/api/v1/employment";
type Item = Record<string, unknown>;

export type WorkStory = {
  householdId: string;
  /** The household's file at monitoring: while a member is at work, and when the loss was looked at. */
  atWork: Item;
  afterwards: Item;
  leads: Item[];
  credits: Item[];
  /** What employment says of the story's monitored household on the day before its inclusion, and on that day. */
  statusBefore: Item;
  statusOn: Item;
};

/**
 * Between two departments, both ways: a household is registered with monitoring and known to employment; somebody of it goes to work, is laid off and leaves one
 * lead behind; a subsidy that is paid is income; and a household that monitoring included is one to employment from that day.
 * @param included the household of another journey, with the day on which it was included
 */
export async function workAndWatch(platform: Platform, included: { householdId: string; on: string }): Promise<WorkStory> {
  const member = (relation: string, birth: string, serial: number, name: string) => ({
    ...{ name, relation, labourSkill: "ordinary" },
    identityNumber: makeIdentityNumber("451228", parseBusinessDate(birth), serial),
  });
  const registered = await platform.must(village, "POST", `${monitoring}/households`, {
    region: place,
    householdKind: "lifted-household",
    guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: true },
    members: [member("head", "1984-02-11", 701, "蓝远行"), member("spouse", "1986-09-23", 702, "蒙守家")],
  });
  const householdId = String(registered["householdId"]);
  const known = await platform.until("employment to know the household", async () => {
    const { status, json } = await platform.get(village, `${employment}/households/${householdId}`);
    const members = status === 200 ? (json["members"] as Item[]) : [];
    return members.length === 2 && members.every(({ name }) => name !== null) ? json : undefined;
  });
  const [worker, spouse] = (known["members"] as Item[]).toSorted((a, b) => Number(a["birthYear"]) - Number(b["birthYear"]));
  const day = String((known["statusOn"] as Item)["on"]);
  const work = (personId: unknown, from: string) =>
    platform.must(village, "POST", `${employment}/work-records`, {
      ...{ personId, place: "44", channel: "own-search", source: "phone", from, monthlyWageFen: 420_000 },
    });
  const fileOf = () => platform.must(village, "GET", `${monitoring}/households/${householdId}/file`);
  const leadsOf = async () =>
    (await platform.must(village, "GET", `${monitoring}/risk-leads?householdId=${householdId}`))["items"] as Item[];

  const record = await work(worker?.["personId"], day);
  const atWork = await platform.until("monitoring to show who is at work", async () => {
    const file = await fileOf();
    return (file["work"] as Item[]).some((one) => one["atWork"] === true) ? file : undefined;
  });
  await platform.must(village, "POST", `${employment}/work-records/${record["workRecordId"]}/end`, {
    ...{ until: day, because: "laid-off" },
  });
  const claimId = uuidv7();
  const paid = { claimId, personId: String(worker?.["personId"]), householdId, region: place, amountFen: 90_000 };
  await playEvents(platform.databaseOf("employment"), [
    TransportSubsidyPaid.of(claimId, 1, place, {
      ...{ ...paid, status: "paid", paidOn: day, payingCounty: "451228000000", year: Number(day.slice(0, 4)) },
    }),
  ]);
  const credits = await platform.until("the payment to be income", async () => {
    const income = await platform.must(village, "GET", `${monitoring}/households/${householdId}/incomes`);
    return (income["credits"] as Item[]).length > 0 ? (income["credits"] as Item[]) : undefined;
  });
  // The days of grace pass, and employment is heard after them: somebody else of the household has gone to work by then, which is no other work of who lost it.
  await platform.advance(4);
  const today = String(
    ((await platform.must(village, "GET", `${employment}/households/${householdId}`))["statusOn"] as Item)["on"],
  );
  await work(spouse?.["personId"], today);
  const leads = await platform.until("the lost job to be a lead", async () => {
    const found = await leadsOf();
    return found.length > 0 ? found : undefined;
  });
  const statusOf = async (on: string) =>
    (await platform.must(county, "GET", `${employment}/households/${included.householdId}?on=${on}`))["statusOn"] as Item;
  const dayBefore = new Date(Date.parse(included.on) - 86_400_000).toISOString().slice(0, 10);
  return {
    ...{ householdId, atWork, afterwards: await fileOf(), leads, credits },
    statusBefore: await statusOf(dayBefore),
    statusOn: await statusOf(included.on),
  };
}
