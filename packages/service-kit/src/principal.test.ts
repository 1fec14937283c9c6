import type { Role } from "@shouwang/contract";
import { expect, test } from "vitest";
import { boundsOf, dutiesOf, type Principal, system } from "./principal.ts";

const who = (roles: Role[], department?: string): Principal => ({
  ...{ issuer: "issuer", subject: "somebody", region: "451228", roles },
  ...(department === undefined ? {} : { department }),
});

test.each([
  ["a department's officer", who(["department-officer"], "water"), "water"],
  ["one whose token names no department sees no department's rows", who(["department-officer"]), "none"],
  ["the county is bound by its area alone", who(["county-officer"], "water"), ""],
  ["so is whoever holds another office as well", who(["department-officer", "township-officer"], "water"), ""],
  ["a token without any role opens nothing more", who([], "water"), ""],
  ["the kit itself", system("job"), ""],
])("rows of one department: %s", (_, principal, department) => {
  expect(boundsOf(principal).department).toBe(department);
});

test.each([
  [
    "an officer's own and its department's",
    who(["department-officer"], "water"),
    ["department-officer", "department-officer:water"],
  ],
  ["nobody else's department", who(["county-officer"]), ["county-officer"]],
])("what is due for: %s", (_, principal, duties) => {
  expect(dutiesOf(principal)).toEqual(duties);
});
