import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { decideSignature, SignatureEntry } from "./signature.ts";

const [member, child, formId, fileId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
const facts = {
  today: parseBusinessDate("2022-08-15"),
  members: new Map([
    [member, "1975-03-05"],
    [child, "2004-08-15"],
  ]),
  fileIsOfHousehold: true,
  formIsSigned: true,
};
const record = { signerId: member, signedOn: "2022-08-15", how: "signature" };
const decide = (entry: unknown, more: Partial<typeof facts> = {}) =>
  decideSignature(SignatureEntry.parse(entry), { ...facts, ...more });

describe("M-05: what counts as a household's signature", () => {
  test.each([
    ["a form that came back signed", { formId }],
    ["a member's hand today", record],
    ["a thumbprint of last week with its scan", { ...record, signedOn: "2022-08-08", how: "thumbprint", fileId }],
    ["a child on the day it turns eighteen", { ...record, signerId: child }],
    ["a proxy with the written authority", { ...record, how: "by-proxy", fileId }],
  ])("%s", (_, entry) => {
    expect(decide(entry)).toMatchObject(entry);
  });

  test.each([
    [
      "a form that is not back, or another household's",
      { formId },
      { formIsSigned: false },
      "/signature/formId",
      "signed-form-of-the-household",
    ],
    ["somebody who is no member", { ...record, signerId: uuidv7() }, {}, "/signature/signerId", "member"],
    ["tomorrow", { ...record, signedOn: "2022-08-16" }, {}, "/signature/signedOn", "not-in-future"],
    [
      "a child the day before it turns eighteen",
      { ...record, signerId: child, signedOn: "2022-08-14" },
      {},
      "/signature/signerId",
      "grown-up",
    ],
    ["a proxy with nothing written", { ...record, how: "by-proxy" }, {}, "/signature/fileId", "proxy-needs-authority"],
    [
      "a file of another household",
      { ...record, fileId },
      { fileIsOfHousehold: false },
      "/signature/fileId",
      "file-of-the-household",
    ],
  ])("not %s", (_, entry, more, pointer, rule) => {
    expect(decide(entry, more)).toMatchObject({ code: "invalid-input", errors: [{ pointer, rule, clause: "M-05" }] });
  });

  test.each([
    ["nothing", {}],
    ["a file alone", { fileId }],
    ["who without when", { signerId: member, how: "signature" }],
    ["a form and a person at once", { ...record, formId }],
    ["a tick", { confirmed: true }],
  ])("%s is no signature", (_, entry) => {
    expect(SignatureEntry.safeParse(entry).success).toBe(false);
  });
});
