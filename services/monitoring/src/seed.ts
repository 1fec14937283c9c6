import { parseArgs } from "node:util";
import { ReferredDepartment } from "@shouwang/contract";
import {
  actorOf,
  businessDate,
  businessNow,
  findJob,
  loadParameter,
  openDatabase,
  parameterFor,
  requestJob,
  system,
} from "@shouwang/service-kit";
import type { DB } from "./db.ts";
import { departments } from "./referral/code-lists.ts";
import { findContact, replaceContact } from "./referral/contact-store.ts";
import { findSeed } from "./synthetic/store.ts";

/**
 * Fills a demonstration: asks the running service for its synthetic population and waits for it, and loads the settings that no document at hand gives,
 * labelled as such. Running it again goes on with the seed that is there. Refused in production.
 */
if (process.env["NODE_ENV"] === "production") throw new Error("made-up households have no place in production");
const { values } = parseArgs({ options: { households: { type: "string", default: "20000" } } });
const households = Number(values.households);
if (!Number.isInteger(households) || households < 1) throw new Error("--households must be a whole number above 0");

const db = openDatabase<DB>(process.env["DATABASE_URL"] ?? "");
const principal = system("seed");
const region = "450000000000";
const jobId = await db.withTx(principal, async (tx) => {
  for (const [key, value] of [
    ["monitoring-line", 700_000],
    ["screening.medicalSelfPaid", 1_000_000],
    ["screening.medicalSevere", 3_000_000],
    ["screening.disasterLoss", 1_000_000],
    ["screening.disasterSevere", 3_000_000],
  ] as const) {
    const present = await parameterFor(tx, key, region, "2022-08-15");
    if (present.value === null)
      await loadParameter(tx, principal, {
        key,
        region,
        value,
        validFrom: "2022-01-01",
        document: "演示设置(非正式文件) demonstration only",
      });
  }
  const at = await businessNow(tx);
  // The test village's county, so that a need can be referred from the first minute.
  const county = "451228000000";
  for (const department of ReferredDepartment.options) {
    const office = `演示:都安瑶族自治县${departments[department].zh}部门`;
    if (!(await findContact(tx, county, department)))
      await replaceContact(tx, { region: county, department, office, from: businessDate(at) }, { by: actorOf(principal), at });
  }
  const seed = await findSeed(tx);
  return seed?.id ?? (await requestJob(tx, principal, { kind: "synthetic-population", region, input: { households } }));
});
const totalsOf = async (id: string): Promise<Record<string, number>> => {
  for (;;) {
    const job = await db.withReadTx(principal, (tx) => findJob(tx, id));
    if (job?.state === "failed") throw new Error(`the seed failed: ${job.error}`);
    if (job?.state === "done") return job.totals;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};
const seeded = await totalsOf(jobId);
console.log(`seeded: ${seeded["households"]} households, ${seeded["persons"]} persons, all made up`);
// A second time it finds nothing to do.
const listId = await db.withTx(principal, (tx) =>
  requestJob(tx, principal, { kind: "list-focus-households", region, input: { region: "45" } }),
);
const listed = await totalsOf(listId);
console.log(`focus households of the demonstration: ${listed["listed"]} listed`);
await db.close();
