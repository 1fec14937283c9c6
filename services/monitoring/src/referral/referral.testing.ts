import { expect } from "vitest";
import type { Office, Reply } from "../office.testing.ts";
import { county, registerCouple, village } from "../people.testing.ts";

/** An officer of one of the test county's departments. */
export const asDepartment = (office: Office, department: string, region = county) =>
  office.as("department-officer", region, `${department}-${region}`, department);

/** Names the offices of two departments of the test county that take referrals. */
export async function nameOffices(office: Office): Promise<void> {
  for (const [department, name] of [
    ["civil-affairs", "都安县民政局社会救助股"],
    ["water", "都安县水利局供水股"],
  ]) {
    const named = await office.as("county-officer", county).post("/referral-contacts", { department, office: name });
    expect(named.status, JSON.stringify(named.json)).toBe(200);
  }
}

export const ok = (reply: Reply, status = 200): Reply => {
  expect(reply.status, JSON.stringify(reply.json)).toBe(status);
  return reply;
};

/** A need of a household, sent by its village; answers its path and the household's. */
export async function sent(
  office: Office,
  more: Record<string, unknown> = {},
  householdId?: string,
): Promise<{ householdId: string; referralId: string; path: string; json: Reply["json"] }> {
  const household = householdId ?? (await registerCouple(office));
  const entry = { need: "temporary-relief", reason: "韦大明一家停工两月,急需临时救助", ...more };
  const { json } = ok(await office.as("village-officer", village).post(`/households/${household}/referrals`, entry), 201);
  const referralId = String(json["referralId"]);
  return { householdId: household, referralId, path: `/referrals/${referralId}`, json };
}

export const paper = (office: Office) => ({ document: "都民函〔2022〕3号", documentDate: office.today() });
