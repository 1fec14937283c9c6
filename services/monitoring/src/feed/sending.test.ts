import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber } from "../people.testing.ts";
import { csv, row, sendBills, takeIn } from "./upload.testing.ts";

let office: Office;
let url: string;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  url = office.running.url;
});
afterAll(() => office.stop());

describe("a file that cannot be used is refused at once", () => {
  test("missing columns are named", async () => {
    const reply = await sendBills(url, csv([["韦大明", "x"]], ["姓名", "票据号"]));
    expect(reply.status).toBe(422);
    expect(reply.json).toMatchObject({ code: "list-columns-missing" });
    expect(reply.json["errors"]).toEqual(
      ["身份证号", "结算日期", "总费用", "个人自付"].map((title) => ({
        pointer: "/file",
        rule: "column-missing",
        zh: `缺少列:${title}`,
        en: `Column missing: ${title}`,
        clause: "M-01",
      })),
    );
  });
  test.each<[string, Buffer, string]>([
    ["no table", Buffer.from([0xff, 0, 0xfe, 1, 2]), "sheet-unreadable"],
    ["a broken workbook", Buffer.from("PK\x03\x04 and nothing more"), "sheet-unreadable"],
    ["a header alone", Buffer.from(csv([])), "sheet-empty"],
  ])("%s", async (_, file, rule) => {
    const reply = await sendBills(url, file);
    expect([reply.status, reply.json["code"]]).toEqual([422, "list-unreadable"]);
    expect(reply.json["errors"]).toMatchObject([{ pointer: "/file", rule }]);
  });
  test("data of tomorrow", async () => {
    const reply = await sendBills(url, csv([row("x", "1")]), { dataDate: "2022-08-16" });
    expect(reply.json).toMatchObject({ status: 400, errors: [{ pointer: "/dataDate" }] });
  });
  test("one that breaks further down takes nothing, and says so", async () => {
    const number = newNumber("1975-03-05", "male");
    const feed = await takeIn(url, `${csv(Array.from({ length: 1_200 }, () => row(number, "1")))}\r\n"韦大明",${number},"`);
    expect(feed).toMatchObject({ state: "done", fileRefused: { rule: "sheet-unreadable" }, totals: { rows: 0, taken: 0 } });
  });
});

describe("who may send and see", () => {
  test.each([
    ["a department without such data", { department: "education" }],
    ["a city's department", { region: "4512" }],
    ["a township's officer", { role: "township-officer" as const, region: "451228100" }],
  ])("%s may not send", async (_, sending) => {
    const reply = await sendBills(url, csv([row("x", "1")]), sending);
    expect([reply.status, reply.json["code"]]).toEqual([403, "role-not-allowed"]);
  });
  test("a list of no kind there is", async () => {
    const reply = await sendBills(url, csv([row("x", "1")]), { kind: "shoe-sizes" });
    expect(reply.json).toMatchObject({ status: 400, code: "invalid-input", errors: [{ pointer: "/kind" }] });
  });
  test("the medical insurance office may", async () => {
    expect((await sendBills(url, csv([row("x", "1")]), { department: "medical-insurance" })).status).toBe(202);
  });
  test("another county sees neither the feed nor that there is one", async () => {
    const sent = await sendBills(url, csv([row("x", "1")]));
    const other = office.as("county-officer", "451024");
    for (const at of ["", "/records"])
      expect((await other.get(`/feeds/${sent.json["feedId"]}${at}`)).json["code"]).toBe("feed-not-found");
    expect((await other.get("/feeds")).json["items"]).toEqual([]);
    expect((await office.as("county-officer", county).get("/feeds?limit=1")).json).toMatchObject({
      items: [{ kind: "medical-bills", department: "health", document: "都卫函〔2022〕8号", dataDate: "2022-08-10" }],
      next: expect.any(String),
    });
  });
});
