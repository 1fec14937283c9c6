import { until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "./office.testing.ts";
import { county, newNumber, registerCouple, verifiedLead, village } from "./people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(async () => await office.stop());

/** Asks for a list as a file, and answers its text and what the job says. */
async function taken(list: string, filter: Record<string, unknown> = {}): Promise<{ text: string; result: unknown }> {
  // Each list is somebody else's: one person takes no more than some an hour.
  const officer = office.as("county-officer", county, `taker-of-${list}`);
  const asked = await officer.post("/exports", { list, filter, format: "csv", purpose: "月度核对" });
  expect(asked.status, JSON.stringify(asked.json)).toBe(202);
  const job = await until(
    async () => {
      const { json } = await officer.get(`/jobs/${asked.json["jobId"]}`);
      expect(json["state"], `${list}: ${JSON.stringify(json)}`).not.toBe("failed");
      return json["state"] === "done" ? json : undefined;
    },
    { what: `${list} to be a file`, timeoutMs: 60_000 },
  );
  const [fileId] = Object(job["result"])["files"];
  return { text: await (await officer.send(`/files/${fileId}`, {})).text(), result: job["result"] };
}

test("every list that may be a file is one, masked, with a title in both languages to each column, and within the caller's area", async () => {
  const identityNumber = newNumber("1975-03-05", "male");
  const members = [{ name: "韦守望", identityNumber, relation: "head", labourSkill: "ordinary", phone: "13900139077" }];
  const householdId = await registerCouple(office, { members });
  const elsewhere = await registerCouple(office, { region: village });
  const leadId = await verifiedLead(office, householdId);
  const { items } = (await office.as("county-officer", county).get("/exports")).json;
  const lists: { list: string; filter: string[]; columns: string[] }[] = Object(items);
  expect(lists.map(({ list }) => list)).toEqual(
    expect.arrayContaining([
      ...["list-households", "list-risk-leads", "list-monitored-cases", "list-suspects", "list-guarantee-problems"],
      ...["list-focus-households", "list-referrals", "list-must-visit", "list-due-households", "list-helper-visits"],
    ]),
  );
  const inPath: Record<string, string> = { month: "2022-08", quarter: "2022-Q3", year: "2022" };
  for (const { list, filter, columns } of lists) {
    for (const title of columns) expect(title, list).toMatch(/^\p{Script=Han}.* [A-Z][a-z]/u);
    if (filter.includes("sweepId")) continue;
    const needed = Object.entries(inPath).filter(([name]) => filter.includes(name));
    const { text } = await taken(list, Object.fromEntries(needed));
    expect(text.split("\r\n")[0], list).toContain(columns[0]);
    expect(text, list).not.toMatch(new RegExp(`韦守望|${identityNumber}|13900139077`));
    if (list === "list-households") for (const id of [householdId, elsewhere]) expect(text).toContain(id);
    if (list === "list-risk-leads") {
      expect(text).toContain(leadId);
      expect(text, "codes by their titles, the place by its name, and why").toMatch(
        /都安瑶族自治县.*网格员遍访.*因病.*严重困难.*已核实.*上报渠道:网格员遍访/,
      );
      expect(text).not.toMatch(/monthly-round|verified|severe/);
    }
  }
});
