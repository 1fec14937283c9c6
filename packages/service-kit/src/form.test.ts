import jpeg from "jpeg-js";
import { describe, expect, test } from "vitest";
import { parseBusinessDate } from "./calendar.ts";
import { newFormCode } from "./form-code.ts";
import { decideReturn } from "./form-decide.ts";
import { drawPaper, type Paper } from "./form-paper.ts";
import { marksIn, scanOf } from "./form-scan.ts";
import { photographed, picturesOf, textOf } from "./testing/photograph.testing.ts";

const paper: Paper = {
  title: "防返贫监测对象申请及承诺授权书",
  place: "河池市都安瑶族自治县",
  parts: [
    { part: "facts", rows: [["户主", "韦大明"]] },
    {
      part: "table",
      columns: [
        { title: "姓名", share: 2 },
        { title: "关系", share: 1 },
      ],
      rows: Array.from({ length: 40 }, (_, n) => [`成员${n}`, "之子"]),
    },
    { part: "text", text: "本户如实申报,自愿授权核查。" },
    { part: "cells", labels: ["补充说明"] },
  ],
  signers: ["户主"],
  foot: "打印于2022-08-15",
  watermark: "village-officer-1 2022-08-15 09:00",
};

const upload = (content: Buffer) => ({ name: "x", mediaType: "text/plain", content });
const seen = async (content: Buffer) => {
  const scan = scanOf(upload(content));
  if (!("content" in scan)) throw new Error(scan.code);
  return await marksIn(scan);
};

test("a form is drawn in Chinese over its pages, and every page's QR is read from the PDF and from a turned, grainy, ill-lit photograph", async () => {
  const mark = { code: newFormCode(), layout: 2 };
  const pdf = await drawPaper(paper, mark);
  expect(pdf.length).toBeLessThan(400_000);
  const pictures = await picturesOf(pdf);
  const text = await textOf(pdf);
  expect(pictures.length).toBe(2);
  expect(text).toContain("防返贫监测对象申请及承诺授权书");
  expect(text).toContain("户主(签字或捺印)");
  expect(await seen(pdf)).toEqual([mark]);
  const [first, second] = pictures;
  if (!first || !second) throw new Error("two pages were drawn");
  expect(await seen(photographed(first, 13))).toEqual([mark]);
  expect(await seen(photographed(second, 187))).toEqual([mark]);
});

test("a character the font lacks leaves a mark that asks for the hand", async () => {
  const rare: Paper = { ...paper, parts: [{ part: "facts", rows: [["户主", "韦𠮷"]] }] };
  const text = await textOf(await drawPaper(rare, { code: newFormCode(), layout: 1 }));
  expect(text).toContain("户主韦〓");
  expect(text).toContain("请手写补上");
});

test("what shows no form of ours shows nothing: a blank picture, a torn PDF", async () => {
  const blank = jpeg.encode({ width: 60, height: 60, data: Buffer.alloc(14_400, 200) }, 80).data;
  expect(await seen(blank)).toEqual([]);
  expect(await seen(Buffer.from("%PDF-1.4 torn"))).toEqual([]);
});

describe("what is no scan", () => {
  const huge = Buffer.from(jpeg.encode({ width: 16, height: 16, data: Buffer.alloc(1024) }, 50).data);
  const at = huge.indexOf(Buffer.from([0xff, 0xc0]));
  huge.writeUInt16BE(65_000, at + 5);
  huge.writeUInt16BE(65_000, at + 7);
  test.each([
    ["a text that says it is a picture", Buffer.from("hello"), "unsupported-media-type"],
    ["a picture of four thousand million pixels", huge, "body-too-large"],
    ["a picture torn after its first bytes", Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "body-too-large"],
    ["a PDF of more than ten megabytes", Buffer.concat([Buffer.from("%PDF-"), Buffer.alloc(10_485_760)]), "body-too-large"],
  ])("%s", (_, content, code) => {
    expect(scanOf(upload(content))).toMatchObject({ code });
  });
});

describe("whether a signed form may be filed", () => {
  const form = {
    state: "printed" as const,
    facts: "a",
    layout: 1,
    householdId: "h1",
    printedAt: new Date("2022-08-10T09:00:00+08:00"),
    signedOn: null,
  };
  const given = {
    facts: "a",
    layout: 1,
    markedLayout: 1,
    householdId: undefined,
    signedOn: parseBusinessDate("2022-08-12"),
    today: parseBusinessDate("2022-08-15"),
  };
  test.each([
    ["in order", form, given, undefined],
    ["of the household whose file it goes into", form, { ...given, householdId: "h1" }, undefined],
    ["signed on the day it was printed", form, { ...given, signedOn: parseBusinessDate("2022-08-10") }, undefined],
    ["signed today", form, { ...given, signedOn: given.today }, undefined],
    ["of another household", form, { ...given, householdId: "h2" }, "form-of-other-household"],
    ["filed before", { ...form, state: "signed" as const, signedOn: "2022-08-11" }, given, "form-used"],
    ["signed before it was printed", form, { ...given, signedOn: parseBusinessDate("2022-08-09") }, "invalid-input"],
    ["signed tomorrow", form, { ...given, signedOn: parseBusinessDate("2022-08-16") }, "invalid-input"],
    ["what it says has changed", form, { ...given, facts: "b" }, "form-outdated"],
    ["of an older layout", form, { ...given, layout: 2 }, "form-outdated"],
    ["its QR names another layout than the one printed", form, { ...given, markedLayout: 2 }, "form-outdated"],
  ])("%s", (_, printed, how, code) => {
    expect(decideReturn(printed, how)?.code).toBe(code);
  });
});
