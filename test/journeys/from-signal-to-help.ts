import ExcelJS from "exceljs";

import { v7 as uuidv7 } from "uuid";
import type { Event, Platform } from "./platform.ts";

const county = "county-451228";
const township = "township-451228101";
const village = "village-451228101201";
const api = "/api/v1/monitoring";
const shanghaiDay = (instant: Date) => new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
type Items = Record<string, unknown>[];

const yearBefore = (day: string) => `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;

export type Story = { householdId: string; leadId: string; caseId: string; events: Event[]; steps: string[] };

/**
 * From a health department's spreadsheet to a household that is helped and cleared of risk, through the gateway of a running platform,
 * as the people of one county do it. Every step says what it did; at the end the events it caused are read from NATS.
 */
export async function fromSignalToHelp(platform: Platform, say: (line: string) => void): Promise<Story> {
  const steps: string[] = [];
  const step = (line: string) => {
    steps.push(line);
    say(`· ${line}`);
  };
  const today = async () => shanghaiDay(new Date(String((await platform.must(county, "GET", `${api}/todo`))["asOf"])));

  // A household of the demonstration's village whose guarantees are met, so that in the end only the bills are its trouble.
  const household = await platform.until(
    "the demonstration's village has a household for this journey (npm run reset starts over)",
    async () => {
      const households = (await platform.must(village, "GET", `${api}/households?limit=200`))["items"] as Items;
      return households.find((one) => {
        const guarantees = one["guarantees"] as Record<string, boolean>;
        return one["monitoredKind"] === null && Number(one["ableWorkers"]) > 0 && Object.values(guarantees).every(Boolean);
      });
    },
  );
  const householdId = String(household["householdId"]);
  const members = (await platform.must(village, "GET", `${api}/households/${householdId}`))["members"] as Items;
  const head = members.find((member) => member["relation"] === "head");
  const revealed = await platform.must(village, "POST", `${api}/persons/${head?.["personId"]}/reveal`, {
    purpose: "核对医疗费用单据",
    fields: ["name", "identityNumber"],
  });
  step(
    `${village} opens household ${householdId} (${household["place"]}), masked; the head's number is revealed with its purpose`,
  );

  const before = await platform.lastPosition();

  // The health department's sheet: one good row, one wrong check digit, one person nobody knows.
  const good = String(revealed["identityNumber"]);
  const wrong = `${good.slice(0, 17)}${good.endsWith("1") ? "2" : "1"}`;
  const sheet = new ExcelJS.Workbook();
  const page = sheet.addWorksheet("医疗费用");
  const day = await today();
  page.addRow(["姓名", "身份证号", "结算日期", "结算单号", "总费用", "个人自付"]);
  page.addRow([revealed["name"], good, day, `JS-${householdId.slice(-6)}-1`, "82000.00", "41000.00"]);
  page.addRow(["韦错误", wrong, day, "JS-2", "3000", "1200"]);
  page.addRow(["查无此人", "11010519491231002X", day, "JS-3", "5000", "2000"]);
  const form = new FormData();
  form.set("kind", "medical-bills");
  form.set("document", "都卫健函〔2022〕31号(演示)");
  form.set("dataDate", day);
  form.set("file", new File([new Uint8Array(await sheet.xlsx.writeBuffer())], "bills.xlsx"));
  const feed = await platform.must("health-451228", "POST", `${api}/feeds`, form);
  const progress = await platform.until("the feed is through", async () => {
    const now = await platform.must("health-451228", "GET", `${api}/feeds/${feed["feedId"]}`);
    if (now["state"] === "failed") throw new Error(JSON.stringify(now));
    return now["state"] === "done" ? now : undefined;
  });
  const totals = progress["totals"] as Record<string, number>;
  step(
    `health-451228 sends medical bills: ${totals["taken"]} taken, ${totals["refused"]} refused, ${totals["unmatched"]} unmatched, ${totals["leads"]} lead`,
  );
  const errors = await platform.get("health-451228", String((progress["links"] as Record<string, unknown>)["errorsFile"]));
  const back = new ExcelJS.Workbook();
  await back.xlsx.load(new Uint8Array(errors.bytes).buffer);
  const reasons = JSON.stringify(back.worksheets[0]?.getSheetValues());
  if (!reasons.includes("校验码")) throw new Error("the error workbook does not say what is wrong");
  step("the refused row comes back in a workbook with its reason in Chinese");

  const leads = (await platform.must(township, "GET", `${api}/risk-leads?householdId=${householdId}`))["items"] as Items;
  // Somebody who walked the tour first has found another sign at this household.
  const lead = leads.find((one) => one["status"] === "registered" && one["source"] === "department-warning");
  if (!lead) throw new Error("the bills raised no lead");
  const leadId = String(lead["leadId"]);
  const why = (lead["explanation"] as Items).map((reason) => reason["zh"]).join(";");
  step(`the lead explains itself: ${why}`);

  // A grid worker finds lost wages because of the epidemic: severe, so the clock of M-03 runs.
  const found = await platform.must(village, "POST", `${api}/risk-leads`, {
    householdId,
    source: "monthly-round",
    cause: "unstable-work",
    epidemic: true,
    severity: "severe",
    foundAt: new Date(Date.parse(`${day}T00:30:00+08:00`)).toISOString(),
    note: "厂里停工,两个月没有工资",
  });
  step(`a severe epidemic lead is found: a first measure is owed until ${found["emergencyDueAt"]}`);
  const measure = { category: "safety-net", implementedAt: `${day}T08:00:00+08:00`, amountFen: 150_000, leadId: found["leadId"] };
  await platform.must(township, "POST", `${api}/households/${householdId}/measures`, measure);
  step("temporary relief is delivered the same day: the emergency clock stops");

  for (const one of [leadId, String(found["leadId"])]) {
    await platform.must(township, "POST", `${api}/risk-leads/${one}/dispatch`, { to: "u-village-451228101201" });
    await platform.must(village, "POST", `${api}/risk-leads/${one}/verification`, {
      visitedOn: day,
      team: ["u-village-451228101201", "u-township-451228101"],
      outcome: "at-risk",
    });
  }
  step("both leads are dispatched and verified at the home by two people");

  const opened = await platform.must(village, "POST", `${api}/monitored-cases`, { leadId, risks: ["illness", "unstable-work"] });
  const caseId = String(opened["caseId"]);
  const path = `${api}/monitored-cases/${caseId}`;
  await platform.must(village, "POST", `${path}/authorisation`, { signedOn: day });
  await platform.must(`${township}-b`, "POST", `${path}/comparison`, {
    replies: [
      { department: "civil-affairs", outcome: "nothing-found" },
      { department: "housing", outcome: "mismatch", flags: ["town-property"] },
    ],
  });
  await platform.must(village, "POST", `${path}/village-review`, { heldOn: day, attendees: 46, votesFor: 41, votesAgainst: 2 });
  const posted = await platform.must(village, "POST", `${path}/posting`, { supervisionPhone: "0778-5212345" });
  step(
    `authorisation, comparison and village review; the posting shows ${JSON.stringify((posted["posting"] as Record<string, unknown>)["body"])}`,
  );
  const early = await platform.post(township, `${path}/township-check`, { passed: true, reason: "facts-agree" });
  if (early.json["code"] !== "posting-still-running")
    throw new Error(`the township check did not wait: ${JSON.stringify(early.json)}`);
  step(`the township check has to wait: ${early.json["detail"]}`);
  await platform.advance(6);
  await platform.must(township, "POST", `${path}/township-check`, { passed: true, reason: "facts-agree" });

  const income = (kind: string, from: string, until: string, wageFen: number) => ({
    kind,
    from,
    until,
    wageFen,
    businessFen: 0,
    propertyFen: 0,
    transferFen: 0,
    businessCostFen: 0,
  });
  const headcount = Number(household["headcount"]);
  const approval = {
    approved: true,
    document: "都乡振〔2022〕15号(演示)",
    monitoredKind: household["householdKind"] === "lifted-household" ? "unstable-lifted" : "borderline",
  };
  const refused = await platform.post(county, `${path}/county-approval`, {
    ...approval,
    monitoredKind: approval.monitoredKind === "borderline" ? "unstable-lifted" : "borderline",
  });
  if (refused.status !== 422) throw new Error(`the wrong kind was not refused: ${JSON.stringify(refused.json)}`);
  step(`county approval refuses the wrong kind: ${(refused.json["reasons"] as Items).map((reason) => reason["zh"]).join(";")}`);
  await platform.must(
    village,
    "POST",
    `${api}/households/${householdId}/incomes`,
    income("at-inclusion", yearBefore(day), day, 500_000 * headcount),
  );
  await platform.must(county, "POST", `${path}/county-approval`, approval);
  step("township check and county approval: the household is monitored, two clocks of five days run");

  const included = await today();
  await platform.must(county, "POST", `${path}/helpers`, {
    subject: "u-helper-1",
    name: "陆建军",
    unit: "都安县农业农村局",
    phone: "13900001234",
    from: included,
    relationship: "none",
  });
  const plan = await platform.must("helper-1", "POST", `${path}/household-plan`, {
    items: [
      { risk: "illness", category: "health", dueOn: included, detail: "落实大病保险二次报销" },
      { risk: "unstable-work", category: "job", dueOn: included, detail: "推荐县内帮扶车间就业" },
    ],
  });
  await platform.must(township, "POST", `/api/v1/monitoring/household-plans/${plan["householdPlanId"]}/approval`, {});
  await platform.must("helper-1", "POST", `${api}/households/${householdId}/measures`, {
    category: "health",
    implementedAt: `${included}T08:30:00+08:00`,
    amountFen: 1_200_000,
    caseId,
  });
  const visit = {
    visitId: uuidv7(),
    householdId,
    purposes: ["monthly-round", "helper-visit", "monthly-help"],
    mode: "home",
    visitedOn: included,
    changed: false,
    needs: ["job"],
  };
  await platform.must("helper-1", "POST", `${api}/visits`, visit);
  step("a helper is assigned, the household plan approved, help delivered, the household visited");
  const figures = (
    (await platform.must(village, "GET", "/api/v1/plan"))["clauses"] as {
      id: string;
      indicators: { code: string; value: number | null }[];
    }[]
  )
    .filter((clause) => ["M-02", "M-03", "M-04a", "M-04b", "M-04c"].includes(clause.id))
    .flatMap((clause) => clause.indicators.filter((indicator) => indicator.code === clause.id));
  const still = figures.filter((figure) => figure.value === null || figure.value === 0).map((figure) => figure.code);
  if (still.length > 0) throw new Error(`figures that did not move: ${still.join(", ")}`);
  step(`the village's figures moved: ${figures.map((figure) => `${figure.code} ${figure.value}`).join(", ")}`);

  // Half a year in which nobody goes: each month's duty stands in the helper's list, and passes unmet.
  for (let month = 0; month < 7; month += 1) {
    await platform.advance(29);
    const thisMonth = (await today()).slice(0, 7);
    await platform.until("this month's visit is due", async () => {
      const items = (await platform.must("helper-1", "GET", "/api/v1/todo"))["items"] as Items;
      return items.find((item) => item["kind"] === "helper-visit" && String(item["dueAt"]).startsWith(thisMonth));
    });
  }
  step(
    "half a year passes without a visit: each month's duty stood in the helper's list, and each missed one is told of as an event",
  );

  const later = await today();
  const proposal = { clearedBy: "help", stableMonths: 6, rigidExpenseSolved: true, risksGone: ["illness", "unstable-work"] };
  const tooPoor = await platform.post(village, `${path}/clearance`, proposal);
  if (tooPoor.json["code"] !== "clearance-refused-by-rule")
    throw new Error(`clearance was not refused: ${JSON.stringify(tooPoor.json)}`);
  step(`clearance is refused with its reasons: ${(tooPoor.json["reasons"] as Items).map((reason) => reason["zh"]).join(";")}`);
  await platform.must(
    village,
    "POST",
    `${api}/households/${householdId}/incomes`,
    income("at-clearance", yearBefore(later), later, 1_000_000 * headcount),
  );
  await platform.must(`${village}-b`, "POST", `${path}/clearance`, proposal);
  await platform.must(village, "POST", `${path}/village-review`, { heldOn: later, attendees: 40, votesFor: 38, votesAgainst: 0 });
  await platform.must(village, "POST", `${path}/posting`, { supervisionPhone: "0778-5212345" });
  await platform.advance(6);
  await platform.must(township, "POST", `${path}/township-check`, { passed: true, reason: "facts-agree" });
  await platform.must(county, "POST", `${path}/county-approval`, { approved: true, document: "都乡振〔2023〕4号(演示)" });
  step("proposed, reviewed, posted, checked, approved: the risk is cleared");

  const file = await platform.must(county, "GET", `/api/v1/households/${householdId}/file`);
  const parts = (file["parts"] as Items).map((part) => `${part["service"]} ${part["state"]}`);
  step(`one household, one file: ${parts.join(", ")}`);
  const stranger = await platform.get("county-451229", `${api}/households/${householdId}`);
  if (stranger.status !== 404) throw new Error("another county sees this household");
  step("another county's officer is told that there is no such household");

  const about = (event: Event) =>
    [householdId, leadId, caseId].includes(event.subject.split("/")[1] ?? "") ||
    event.data["householdId"] === householdId ||
    event.data["aboutId"] === caseId;
  const all = await platform.events(before, (events) =>
    events.some((event) => event.type === "monitoring.monitored-case.cleared.v1" && event.subject === `monitored-case/${caseId}`),
  );
  const events = all.filter(about);
  say(`events on NATS, as an integrator reads them (${events.length}):`);
  for (const event of events)
    say(`  ${String(event.position).padStart(7)}  ${event.type.padEnd(56)} ${event.subject} v${event.sequence}`);
  return { householdId, leadId, caseId, events, steps };
}
