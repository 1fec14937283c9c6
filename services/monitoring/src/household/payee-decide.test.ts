import { Refusal } from "@shouwang/contract";
import { describe, expect, it } from "vitest";
import { checkPayee } from "./payee-decide.ts";

const person = { name: "蒙一" };
const names = ["蒙一", "蒙二"];
const card = "6228480402564890018";

describe("an account a person may be paid on", () => {
  it.each([
    ["the person's own", { account: card, holder: "蒙一", byProxy: false }],
    ["another member's, with a written proxy", { account: card, holder: "蒙二", byProxy: true }],
    ["typed with spaces", { account: "6228 4804 0256 4890 018", holder: "蒙一", byProxy: false }],
  ])("is %s", (_, entry) => expect(checkPayee(entry, person, names)).toMatchObject({ account: card, note: null }));

  it("may be a passbook whose number is no card's, with a note to look again", () =>
    expect(checkPayee({ account: "6228480402564890017", holder: "蒙一", byProxy: false }, person, names)).toMatchObject({
      note: { zh: expect.stringContaining("核对") },
    }));

  it.each([
    ["too short", { account: "12345678901", holder: "蒙一", byProxy: false }, "/account", "account-length"],
    [
      "a number Excel destroyed",
      { account: "6.22848E+18", holder: "蒙一", byProxy: false },
      "/account",
      "account-scientific-notation",
    ],
    ["a stranger's", { account: card, holder: "黄三", byProxy: true }, "/holder", "holder-is-member"],
    ["another member's without a proxy", { account: card, holder: "蒙二", byProxy: false }, "/byProxy", "proxy-in-writing"],
    ["the person's own by proxy", { account: card, holder: "蒙一", byProxy: true }, "/byProxy", "own-account"],
  ])("is not one that is %s", (_, entry, pointer, rule) => {
    const answer = checkPayee(entry, person, names);
    expect(answer).toBeInstanceOf(Refusal);
    expect(answer instanceof Refusal && answer.errors).toEqual([expect.objectContaining({ pointer, rule, clause: "E-02" })]);
  });
});
