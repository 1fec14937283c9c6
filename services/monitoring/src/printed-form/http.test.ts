import { photographed, picturesOf, textOf, together } from "@shouwang/service-kit/testing/photograph";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caseAt, includedCase } from "../case.testing.ts";
import { admin, earned } from "../focus-household/focus.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";
import { printed, sendBack } from "./form.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  const round = { county, year: 2021, closesOn: "2022-12-31" };
  expect((await asCounty().post("/annual-updates", round)).status).toBe(201);
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const asTownship = () => office.as("township-officer", township);
const asCounty = () => office.as("county-officer", county);
const auditOf = (entityId: string) =>
  admin(office, "select action, purpose, changed from kit.audit where entity_id = $1 and action like '%form%' order by id", [
    entityId,
  ]);

async function earningHousehold(): Promise<string> {
  const householdId = await registerCouple(office);
  await earned(office, householdId, 2021, 900_000);
  await admin(office, "update monitoring.household_income set confirmed = false where household_id = $1", [householdId]);
  return householdId;
}
const yearOf = (householdId: string) => ({ kind: "annual-update", aboutId: householdId, year: 2021 });

describe("the yearly update's form", () => {
  test("printed, signed, photographed askew in bad light: the QR files it, and the household's year is confirmed", async () => {
    const householdId = await earningHousehold();
    const form = await printed(asVillage(), yearOf(householdId));
    expect(form.text).toContain("家庭成员和收入年度确认表");
    expect(form.text).toContain("人均纯收入(元)9000.00");
    expect(form.text).not.toContain("韦大明");
    const [page] = await picturesOf(form.pdf);
    if (!page) throw new Error("a page was drawn");
    const back = await sendBack(asVillage(), photographed(page, 171), { signedOn: office.today(), householdId });
    expect(back.json).toMatchObject({ formId: form.formId, state: "signed", signedOn: office.today(), readBy: "qr", version: 2 });
    const told = (await office.outbox()).filter(({ type }) => type === "monitoring.form.returned.v1");
    expect(told.map(({ data }) => data)).toEqual([
      { formId: form.formId, householdId, region: village, form: "annual-update", signedOn: office.today(), readBy: "qr" },
    ]);
    expect(
      await admin(office, "select signature_form, headcount from monitoring.annual_update_confirmation where household_id = $1", [
        householdId,
      ]),
    ).toEqual([{ signature_form: form.formId, headcount: 2 }]);
    expect((await asVillage().get(`/households/${householdId}/incomes`)).json["items"]).toMatchObject([
      { confirmed: true, version: 2 },
    ]);
    expect((await asVillage().get(`/households/${householdId}/forms`)).json["items"]).toMatchObject([
      { state: "signed", code: form.code },
    ]);

    const scan = await asVillage().send(`/forms/${form.formId}/scan`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ purpose: "核对签字" }),
    });
    expect([scan.headers.get("content-type"), (await scan.arrayBuffer()).byteLength > 10_000]).toEqual(["image/jpeg", true]);
    const trail = await auditOf(`${householdId}/2021`);
    expect(trail.map(({ action, purpose }) => [action, purpose])).toEqual([
      ["print-form", "入户签字确认"],
      ["download-form-paper", "入户签字确认"],
      ["file-signed-form", null],
      ["download-signed-form", "核对签字"],
    ]);
    const [kept] = await admin(
      office,
      "select name, media_type, content from kit.file where purpose = 'signed-form' and household_id = $1",
      [householdId],
    );
    expect(kept).toMatchObject({ name: expect.not.stringContaining("韦大明"), media_type: "image/jpeg" });
    expect(JSON.stringify(await office.outbox())).not.toContain("韦大明");

    expect((await sendBack(asVillage(), form.pdf, { signedOn: office.today() })).json).toMatchObject({
      status: 409,
      code: "form-used",
    });
    const other = await earningHousehold();
    const again = await asVillage().post(`/households/${other}/annual-updates/2021`, {
      headcount: 2,
      signature: { formId: form.formId },
    });
    expect(again.json).toMatchObject({ errors: [{ pointer: "/signature/formId", rule: "signed-form-of-the-household" }] });
    const own = await asVillage().post(`/households/${householdId}/annual-updates/2021`, {
      headcount: 2,
      signature: { formId: form.formId },
    });
    expect(own.status).toBe(201);
  });

  test("what it says has changed since: it is not filed, and nothing of it is kept", async () => {
    const householdId = await earningHousehold();
    const form = await printed(asVillage(), yearOf(householdId));
    const child = { name: "韦小宝", identityNumber: newNumber("2022-07-01", "male"), relation: "son", labourSkill: "none" };
    const joining = { member: child, because: "birth", on: "2022-08-15", source: "village-office" };
    const joined = await asVillage().post(`/households/${householdId}/members`, joining, undefined, 1);
    expect(joined.status, JSON.stringify(joined.json)).toBe(201);
    const back = await sendBack(asVillage(), form.pdf, { signedOn: office.today() });
    expect(back.json).toMatchObject({ status: 409, code: "form-outdated", detail: expect.stringContaining("重新打印") });
    expect((await asVillage().get(`/households/${householdId}/forms`)).json["items"]).toMatchObject([{ state: "printed" }]);
    expect(
      await admin(office, "select from kit.file where purpose = 'signed-form' and household_id = $1", [householdId]),
    ).toEqual([]);
  });

  test("the code typed by hand files it where the QR cannot be read; a typing mistake is no code, another village's form is not found", async () => {
    const householdId = await earningHousehold();
    const form = await printed(asVillage(), yearOf(householdId));
    const blank = await printed(asVillage(), yearOf(await earningHousehold()));
    const [page] = await picturesOf(form.pdf);
    if (!page) throw new Error("a page was drawn");
    // The corner with the QR is torn off.
    const torn = {
      ...page,
      data: page.data.map((value, at) => (Math.floor(at / 4 / page.width) < page.height / 5 ? 255 : value)),
    };
    const photo = photographed(torn, 2);
    const signed = { signedOn: office.today() };
    expect((await sendBack(asVillage(), photo, signed)).json).toMatchObject({
      status: 422,
      code: "form-unreadable",
      detail: expect.stringContaining("手工归档"),
    });
    const wrong = form.code.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    expect((await sendBack(asVillage(), photo, signed, wrong)).json).toMatchObject({ status: 404, code: "form-not-found" });
    const elsewhere = office.as("village-officer", "451229100001");
    expect((await sendBack(elsewhere, photo, signed, form.code)).json).toMatchObject({ code: "form-not-found" });
    expect((await sendBack(elsewhere, form.pdf, signed)).json).toMatchObject({ code: "form-not-found" });
    const unknown = { ...signed, householdId: uuidv7() };
    for (const typed of [undefined, form.code])
      expect((await sendBack(asVillage(), form.pdf, unknown, typed)).json).toMatchObject({ code: "household-not-found" });
    const mistaken = { ...signed, householdId: await registerCouple(office) };
    for (const typed of [undefined, form.code])
      expect((await sendBack(asVillage(), form.pdf, mistaken, typed)).json).toMatchObject({
        status: 422,
        code: "form-of-other-household",
      });
    for (const day of ["2022-08-14", "2022-08-16"])
      for (const typed of [undefined, form.code])
        expect((await sendBack(asVillage(), form.pdf, { signedOn: day }, typed)).json).toMatchObject({
          errors: [{ pointer: "/signedOn", rule: "signed-after-printing" }],
        });
    const back = await sendBack(asVillage(), photo, signed, form.code.toLowerCase());
    expect(back.json).toMatchObject({ state: "signed", readBy: "hand" });
    expect((await sendBack(asVillage(), photo, signed, form.code)).json).toMatchObject({ code: "form-used" });

    const [first, second] = [page, (await picturesOf(blank.pdf))[0]];
    if (!first || !second) throw new Error("two pages were drawn");
    expect((await sendBack(asVillage(), photographed(together(first, second), 0), signed)).json).toMatchObject({
      status: 422,
      code: "form-ambiguous",
    });
    for (const typed of [undefined, form.code]) {
      expect((await sendBack(asVillage(), Buffer.from("not a picture"), signed, typed)).json).toMatchObject({
        code: "unsupported-media-type",
      });
      const huge = Buffer.concat([Buffer.from("%PDF-1.7"), Buffer.alloc(10_485_761)]);
      expect((await sendBack(asVillage(), huge, signed, typed)).json).toMatchObject({ code: "body-too-large" });
    }
    await admin(office, "update kit.form set layout = 0 where id = $1", [blank.formId]);
    for (const typed of [undefined, blank.code])
      expect((await sendBack(asVillage(), blank.pdf, signed, typed)).json).toMatchObject({
        code: "form-outdated",
        detail: expect.stringContaining("表样"),
      });
  });
});

describe("a form in clear", () => {
  test("is counted and audited as a reveal, asks for no request key, and is fetched by whoever printed it, for thirty days", async () => {
    const householdId = await earningHousehold();
    const form = await printed(asVillage(), yearOf(householdId), "/forms/clear");
    expect(form.text).toContain("韦大明");
    expect(form.text).toMatch(/451228\d{11}[\dX]/);
    expect(await admin(office, "select subject, reveals from kit.reveal_day")).toEqual([
      { subject: `village-officer-${village}`, reveals: 1 },
    ]);
    expect(await auditOf(`${householdId}/2021`)).toMatchObject([{ action: "print-form-in-clear", purpose: "入户签字确认" }, {}]);
    expect((await asTownship().get(`/forms/${form.formId}/paper`)).json).toMatchObject({ code: "role-not-allowed" });
    expect((await sendBack(asTownship(), form.pdf, { signedOn: office.today(), householdId })).json).toMatchObject({
      state: "signed",
    });
    await admin(office, "delete from kit.file where purpose = 'form-paper' and household_id = $1", [householdId]);
    expect((await asVillage().get(`/forms/${form.formId}/paper`)).json).toMatchObject({ status: 404, code: "form-paper-gone" });
    expect((await asVillage().get(`/forms/${uuidv7()}/paper`)).json).toMatchObject({ code: "form-not-found" });
    expect((await asVillage().post(`/forms/${uuidv7()}/scan`, { purpose: "核对签字" })).json).toMatchObject({
      code: "form-not-found",
    });
    expect((await asVillage().get(`/households/${uuidv7()}/forms`)).json).toMatchObject({ code: "household-not-found" });
  });
});

describe("a case's forms", () => {
  test("the authorisation that comes back signed takes the case's step; the county does not take it", async () => {
    const { caseId, householdId, path } = await caseAt(office, "opened");
    const about = { kind: "application-and-authorisation", aboutId: caseId };
    const form = await printed(asVillage(), about);
    for (const typed of [undefined, form.code])
      expect((await sendBack(asCounty(), form.pdf, { signedOn: office.today() }, typed)).json).toMatchObject({
        code: "role-not-allowed",
      });
    expect((await asVillage().get(`/households/${householdId}/forms`)).json["items"]).toMatchObject([{ state: "printed" }]);
    expect((await sendBack(asVillage(), form.pdf, { signedOn: office.today() })).json).toMatchObject({ state: "signed" });
    const file = (await asVillage().get(path)).json;
    expect(file).toMatchObject({ status: "authorised", papers: [{ kind: "authorisation", fileId: expect.any(String) }] });
    for (const route of ["/forms", "/forms/clear"])
      expect((await asVillage().post(route, { ...about, purpose: "再打一份" })).json).toMatchObject({
        status: 409,
        code: "case-state",
      });
  });

  test("what it was printed for is no longer open: that is said", async () => {
    const { caseId, path } = await caseAt(office, "opened");
    const form = await printed(asVillage(), { kind: "application-and-authorisation", aboutId: caseId });
    expect((await asVillage().post(`${path}/authorisation`, { signedOn: office.today() })).status).toBe(200);
    expect((await sendBack(asVillage(), form.pdf, { signedOn: office.today() })).json).toMatchObject({
      code: "form-outdated",
      detail: expect.stringContaining("authorised"),
    });
  });

  test("review, notice, visit and clearance are printed with what belongs on them and filed with the case", async () => {
    const { caseId, householdId, path } = await caseAt(office, "posted");
    const review = await printed(asVillage(), { kind: "village-review-record", aboutId: caseId });
    expect(review.text).toContain("拟纳入防返贫监测对象");
    const notice = await printed(asVillage(), { kind: "posting-notice", aboutId: caseId });
    expect(notice.text).toContain("监督电话12317");
    for (const secret of ["韦大明", "因病", "451228"]) expect(notice.text).not.toContain(secret);
    expect(
      (await asVillage().post("/forms/clear", { kind: "posting-notice", aboutId: caseId, purpose: "张贴公示" })).json,
    ).toMatchObject({
      errors: [{ pointer: "/kind", rule: "always-masked" }],
    });
    for (const form of [review, notice])
      expect((await sendBack(asVillage(), form.pdf, { signedOn: office.today(), householdId })).json).toMatchObject({
        state: "signed",
      });
    const papers = (await asVillage().get(path)).json["papers"] as { kind: string }[];
    expect(papers.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["village-review-record", "posting-photograph"]));

    const visitId = uuidv7();
    const visit = {
      visitId,
      householdId,
      purposes: ["monthly-round"],
      mode: "home",
      visitedOn: office.today(),
      changed: true,
      needs: ["job"],
      note: "韦大明想外出",
    };
    expect((await asVillage().post("/visits", visit)).status).toBe(201);
    const record = await printed(asVillage(), { kind: "visit-record", aboutId: visitId });
    expect(record.text).toContain("需求就业");
    expect(record.text).not.toContain("韦大明");
    expect((await sendBack(asVillage(), record.pdf, { signedOn: office.today() })).json).toMatchObject({
      about: { entity: "visit", entityId: visitId },
    });

    const clearing = await includedCase(office, "2022-01-10", { status: "helping" });
    const about = { kind: "clearance-confirmation", aboutId: clearing.caseId };
    expect((await asVillage().post("/forms", { ...about, purpose: "消除确认" })).json).toMatchObject({ code: "case-state" });
    await admin(
      office,
      "update monitoring.monitored_case set status = 'clearance-proposed', procedure = 'clearance', clearance_step = 'proposed', cleared_by = 'help', clearance_proposed_on = '2022-08-15' where id = $1",
      [clearing.caseId],
    );
    const clearance = await printed(asVillage(), about);
    expect(clearance.text).toContain("帮扶消除");
    expect((await sendBack(asVillage(), clearance.pdf, { signedOn: office.today() })).json).toMatchObject({ state: "signed" });
  });
});

test.each(["/forms", "/forms/clear"])("what cannot be printed at %s says why", async (route) => {
  const ordinary = await registerCouple(office, { householdKind: "ordinary-household" });
  const lacking = await registerCouple(office);
  const { caseId } = await caseAt(office, "opened");
  for (const [body, code] of [
    [yearOf(uuidv7()), "household-not-found"],
    [{ ...yearOf(lacking), year: undefined }, "invalid-input"],
    [yearOf(ordinary), "not-watched"],
    [{ ...yearOf(lacking), year: 2020 }, "annual-update-closed"],
    [yearOf(lacking), "income-missing"],
    [{ kind: "visit-record", aboutId: uuidv7() }, "visit-not-found"],
    [{ kind: "village-review-record", aboutId: caseId }, "case-state"],
    ...["application-and-authorisation", "village-review-record", "clearance-confirmation"].map(
      (kind) => [{ kind, aboutId: uuidv7() }, "case-not-found"] as const,
    ),
  ] as const)
    expect((await asVillage().post(route, { ...body, purpose: "入户签字确认" })).json, code).toMatchObject({ code });
});

describe("a village's forms at once", () => {
  const hamlets = "451228100004";
  const asHamlets = (subject?: string) => office.as("village-officer", hamlets, subject);
  const moved = (householdId: string) =>
    admin(office, "update monitoring.household set region = $2 where id = $1", [householdId, hamlets]);
  const batch = (body: object) => asHamlets().post("/form-batches", { region: hamlets, purpose: "入户签字确认", ...body });
  const printedAll = async (body: object) => {
    const asked = await batch(body);
    expect(asked.status, JSON.stringify(asked.json)).toBe(202);
    const done = await until(
      async () => {
        const { json } = await asHamlets().get(`/jobs/${asked.json["jobId"]}`);
        expect(json["state"], JSON.stringify(json)).not.toBe("failed");
        return json["state"] === "done" && json;
      },
      { what: "the forms to be printed", timeoutMs: 60_000 },
    );
    return { totals: done["totals"], result: Object(done["result"]), jobId: String(asked.json["jobId"]) };
  };
  const fetched = async (fileId: unknown, by = asHamlets()) => {
    const reply = await by.send(`/files/${fileId}`, {});
    return { status: reply.status, content: Buffer.from(await reply.arrayBuffer()) };
  };

  test("lie in one PDF by group and number, each with its own QR that files it; what cannot be printed is named with why", async () => {
    const ids = [];
    for (const [hamlet, householdNo] of [
      ["第10组", "4512280002"],
      ["第2组", "4512280011"],
      ["第2组", "4512280003"],
    ]) {
      const householdId = await earningHousehold();
      await admin(office, "update monitoring.household set hamlet = $2, household_no = $3 where id = $1", [
        ...[householdId, hamlet, householdNo],
      ]);
      await moved(householdId);
      ids.push(householdId);
    }
    const lacking = await registerCouple(office);
    await moved(lacking);
    const { totals, result, jobId } = await printedAll({ kind: "annual-update", year: 2021 });
    expect([totals, result]).toEqual([
      { asked: 4, printed: 3, notPrinted: 1, files: 1 },
      { files: [expect.any(String)], printed: 3, notPrinted: [{ id: lacking, code: "income-missing" }] },
    ]);
    const [fileId] = result.files;
    const { content: pdf } = await fetched(fileId);
    const text = await textOf(pdf);
    expect(text.match(/45122800\d\d/g)).toEqual(["4512280003", "4512280011", "4512280002"]);
    expect(text).toMatch(/第2组/);
    expect(text).not.toMatch(/韦大明|451228197503/);
    const pages = await picturesOf(pdf);
    expect(pages).toHaveLength(3);
    const [, second] = pages;
    if (!second) throw new Error("three pages were drawn");
    const back = await sendBack(asHamlets(), photographed(second, 4), { signedOn: office.today() });
    expect(back.json).toMatchObject({ householdId: ids[1], state: "signed", readBy: "qr" });

    expect((await fetched(fileId, asHamlets("somebody-else"))).status, "nobody else's").toBe(404);
    expect((await fetched(fileId, asCounty())).status).toBe(404);
    const [kept] = await admin(office, "select content, expires_on - kit.today() as days from kit.file where id = $1", [fileId]);
    expect([kept?.["days"], Buffer.from(Object(kept)["content"]).includes("%PDF")], "sealed, for a week").toEqual([7, false]);
    expect(await admin(office, "select from kit.export_part")).toEqual([]);
    const [form] = Object((await asHamlets().get(`/households/${ids[0]}/forms`)).json["items"]);
    expect((await asHamlets().get(`/forms/${form.formId}/paper`)).json).toMatchObject({
      code: "form-paper-gone",
      detail: expect.stringContaining("成批"),
    });
    const trail = await admin(
      office,
      "select action, entity_id, purpose from kit.audit where entity_id = any($1::text[]) order by id",
      [[hamlets, ...ids.map((id) => `${id}/2021`), fileId]],
    );
    expect(trail).toEqual([
      { action: "print-village-forms", entity_id: hamlets, purpose: "入户签字确认" },
      ...[ids[2], ids[1], ids[0]].map((id) => ({ action: "print-form", entity_id: `${id}/2021`, purpose: "入户签字确认" })),
      { action: "open-file", entity_id: fileId, purpose: "print-village-forms" },
      { action: "file-signed-form", entity_id: `${ids[1]}/2021`, purpose: null },
    ]);
    expect((await asTownship().get(`/jobs/${jobId}`)).json).toMatchObject({ state: "done" });

    // Whoever has signed is not asked again.
    expect((await printedAll({ kind: "annual-update", year: 2021 })).totals).toMatchObject({ asked: 3, printed: 2 });
  });

  test("a month's visits are printed too, and those taken back are not; a village without any is an empty result", async () => {
    const householdId = await registerCouple(office);
    const visit = {
      householdId,
      purposes: ["monthly-round"],
      mode: "home",
      visitedOn: office.today(),
      changed: false,
      needs: [],
    };
    const [kept, back] = [uuidv7(), uuidv7()];
    for (const visitId of [kept, back]) expect((await asVillage().post("/visits", { ...visit, visitId })).status).toBe(201);
    await admin(office, "update monitoring.visit set withdrawn = true where id = $1", [back]);
    await moved(householdId);
    const { totals, result } = await printedAll({ kind: "visit-record", month: "2022-08" });
    expect(totals).toMatchObject({ asked: 1, printed: 1 });
    expect(await textOf((await fetched(result.files[0])).content)).toContain("走访日期2022-08-15");
    expect((await printedAll({ kind: "visit-record", month: "2022-07" })).result).toEqual({
      files: [],
      printed: 0,
      notPrinted: [],
    });
  });

  test("what is asked for wrongly is named, and another village's are not printed", async () => {
    for (const [body, expected] of [
      [{ kind: "annual-update" }, { errors: [{ pointer: "/year", rule: "required" }] }],
      [{ kind: "visit-record", year: 2021 }, { errors: [{ pointer: "/month", rule: "required" }] }],
      [{ kind: "annual-update", year: 2021, region: "451228999999" }, { code: "unknown-division" }],
      [{ kind: "annual-update", year: 2021, region: village }, { code: "outside-area" }],
    ] as const)
      expect((await batch(body)).json).toMatchObject(expected);
  });
});
