import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromSignalToHelp, type Story } from "./from-signal-to-help.ts";
import { Platform } from "./platform.ts";
import { type WorkStory, workAndWatch } from "./work-and-watch.ts";

const port = 28_080;
const data = mkdtempSync(join(tmpdir(), "shouwang-journey-"));
const checkout = new URL("../../", import.meta.url).pathname;
let runner: ChildProcess;
let output = "";
let story: Story;
let work: WorkStory;
const platform = new Platform(port, data);

beforeAll(async () => {
  runner = spawn(process.execPath, ["infra/local/start.mjs", "--no-open", "--households", "300"], {
    cwd: checkout,
    env: { ...process.env, SHOUWANG_PORT: String(port), SHOUWANG_DATA: data },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString("utf8");
      if (output.includes("Shouwang is ready")) resolve();
    };
    runner.stdout?.on("data", hear);
    runner.stderr?.on("data", hear);
    runner.once("exit", (code) => reject(new Error(`the runner ended with ${code}: ${output}`)));
  });
  await ready;
  story = await fromSignalToHelp(platform, () => {});
  const inclusion = story.events.find(({ type }) => type === "monitoring.monitored-case.included.v1");
  work = await workAndWatch(platform, { householdId: story.householdId, on: String(inclusion?.data["includedOn"]) });
}, 240_000);

afterAll(async () => {
  const ended = new Promise<number | null>((resolve) => runner.once("exit", resolve));
  runner.kill("SIGTERM");
  await ended;
  rmSync(data, { recursive: true, force: true });
}, 30_000);

describe("from a risk signal to a helped household, through the gateway of the running platform", () => {
  test("every step of the case is an event, in version order without gaps", () => {
    const ofCase = story.events.filter((event) => event.subject === `monitored-case/${story.caseId}`);
    expect(ofCase.map((event) => event.type.split(".")[2])).toEqual([
      "opened",
      "authorised",
      "compared",
      "village-reviewed",
      "posted",
      "township-checked",
      "included",
      "help-started",
      "clearance-proposed",
      "village-reviewed",
      "posted",
      "township-checked",
      "cleared",
    ]);
    expect(ofCase.map((event) => Number(event.sequence))).toEqual(ofCase.map((_, index) => index + 1));
  });

  test("help, visits, postings and the household's own changes are events too", () => {
    const types = new Set(story.events.map((event) => event.type.replace(/^monitoring\.|\.v1$/g, "")));
    for (const type of [
      "risk-lead.registered",
      "risk-lead.helped",
      "helper.assigned",
      "household-plan.approved",
      "measure.delivered",
      "visit.recorded",
      "posting.opened",
      "posting.closed",
      "deadline.overdue",
      "household.changed",
    ]) {
      expect(types, type).toContain(type);
    }
  });

  test("the plan's clauses that monitoring carries out are live with a figure; the departments that do not exist say so", async () => {
    const plan = await platform.must("province", "GET", "/api/v1/plan");
    const clauses = plan["clauses"] as { id: string; state: string; owner: string; indicators: { value: number | null }[] }[];
    expect(clauses).toHaveLength(74);
    for (const id of ["M-02", "M-03", "M-04a", "M-04b", "M-04c"]) {
      const clause = clauses.find((one) => one.id === id);
      expect(clause?.state, id).toBe("live");
      expect(clause?.indicators.length, id).toBeGreaterThan(0);
    }
    expect(clauses.find((one) => one.id === "E-01")?.state).toBe("live");
    expect(clauses.filter((one) => one.owner === "industry").every((one) => one.state === "not-built")).toBe(true);
  });

  test("the audit chain verifies after all of it", async () => {
    const verification = await platform.must("auditor", "GET", "/api/v1/monitoring/audit/verification");
    expect(verification).toMatchObject({ ok: true });
  });

  test("no name or number of the demonstration's people is in a log or an event", async () => {
    const households = await platform.must("village-451228101201", "GET", "/api/v1/monitoring/households?limit=5");
    const first = (households["items"] as { householdId: string }[])[0];
    const members = (await platform.must("village-451228101201", "GET", `/api/v1/monitoring/households/${first?.householdId}`))[
      "members"
    ] as { personId: string }[];
    const clear = await platform.must(
      "village-451228101201",
      "POST",
      `/api/v1/monitoring/persons/${members[0]?.personId}/reveal`,
      { purpose: "核对泄露", fields: ["name", "identityNumber"] },
    );
    const logs = readdirSync(join(data, "logs"))
      .map((name) => readFileSync(join(data, "logs", name), "utf8"))
      .join("");
    const events = JSON.stringify(story.events);
    for (const secret of [String(clear["name"]), String(clear["identityNumber"]), "陆建军", "13900001234", "厂里停工"]) {
      expect(logs.includes(secret), "in a log").toBe(false);
      expect(events.includes(secret), "in an event").toBe(false);
    }
  });
});

describe("between monitoring and employment, both running", () => {
  test("a household that monitoring included is a monitored one to employment from that day, and none the day before", () => {
    expect(work.statusBefore).toMatchObject({ monitored: false });
    expect(work.statusOn).toMatchObject({ monitored: true, reason: { code: "status-on-the-date" } });
  });

  test("monitoring shows who is at work where, and what work ended because of", () => {
    expect(work.atWork["work"]).toEqual([
      expect.objectContaining({ atWork: true, scope: "outside-region", channel: "own-search" }),
    ]);
    expect(work.afterwards["work"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ atWork: false, endedBecause: "laid-off" })]),
    );
  });

  test("somebody who was laid off and found no other work leaves exactly one lead behind, which says why", () => {
    expect(work.leads).toMatchObject([
      { source: "department-warning", cause: "unstable-work", epidemic: false, ruleCode: "work-lost" },
    ]);
    expect(JSON.stringify(work.leads[0]?.["explanation"])).toContain("laid off");
  });

  test("a subsidy that was paid is income of the household and help it received", () => {
    expect(work.credits).toMatchObject([{ sourceDepartment: "employment", kind: "transport-subsidy", amountFen: 90_000 }]);
    expect(work.afterwards["measures"]).toMatchObject([{ category: "job", sourceKind: "transport-subsidy" }]);
  });
});
