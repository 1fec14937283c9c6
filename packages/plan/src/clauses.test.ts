import { describe, expect, test } from "vitest";
import { clauseIds } from "./clause.ts";
import { clauses, clausesOf, findClause, getClause, isClauseId } from "./clauses.ts";

const written = `G-01 G-02 M-01 M-02 M-03 M-04a M-04b M-04c M-05 M-06
  E-01 E-02 E-03 E-04 E-05 E-06 E-07 E-08 E-09 E-10 E-11 E-12 E-13 E-14a E-14b E-15
  I-01a I-01b I-02 I-03 I-04 I-05 I-06 I-07 I-08 I-09a I-09b I-09c I-10a I-10b I-11
  F-01a F-01b F-02 F-03 F-04 F-05 F-06 F-07 F-08
  C-01 C-02 C-03 C-04 C-05 C-06 C-07 C-08 C-09 C-10 C-11 C-12 C-13 C-14 C-15
  S-01 S-02a S-02b S-02c S-03 S-04a S-04b S-05 S-06`.split(/\s+/);

test("the plan has these 74 clauses, in this order", () => {
  expect(written).toHaveLength(74);
  expect(clauses.map(({ id }) => id)).toEqual(written);
  expect(clauseIds).toEqual(written);
});

test.each([
  ["platform", 2],
  ["monitoring", 8],
  ["employment", 12],
  ["industry", 11],
  ["funds", 16],
  ["cooperation", 15],
  ["social", 10],
] as const)("%s answers for %i clauses", (owner, count) => {
  expect(clausesOf(owner)).toHaveLength(count);
});

test("clauses that lie in another part of the plan than their owner's", () => {
  const elsewhere = {
    "E-11": "cooperation",
    "E-14a": "funds",
    "E-14b": "funds",
    "E-15": "funds",
    "I-01a": "funds",
    "I-02": "funds",
    "C-08": "social",
  } as const;
  for (const [id, owner] of Object.entries(elsewhere)) expect(findClause(id)?.owner, id).toBe(owner);
});

test("clauses that bind in two ways", () => {
  const two = clauses.filter(({ kind }) => kind.length > 1).map(({ id, kind }) => [id, ...kind]);
  expect(two).toEqual([
    ["E-04", "hard", "soft"],
    ["I-01a", "target", "hard"],
    ["F-02", "target", "soft"],
    ["F-07", "hard", "soft"],
  ]);
  expect(clauses.every(({ kind }) => kind.length > 0)).toBe(true);
});

test.each(clauses.map((clause) => [clause.id, clause] as const))("%s is said in Chinese and English", (_, { title, summary }) => {
  for (const { zh, en } of [title, summary]) {
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(en).toMatch(/^[\p{Script=Latin}\d]/u);
    expect(en).not.toMatch(/\p{Script=Han}/u);
  }
  expect(title.zh.length).toBeLessThanOrEqual(20);
  expect(title.en.length).toBeLessThanOrEqual(60);
});

test("titles tell the clauses apart", () => {
  expect(new Set(clauses.map(({ title }) => title.zh)).size).toBe(74);
  expect(new Set(clauses.map(({ title }) => title.en)).size).toBe(74);
});

describe("a clause is found by its id", () => {
  test("with the parameters and targets it uses", () => {
    expect(getClause("E-02").parameters).toEqual(
      expect.arrayContaining(["transport.cap.normal", "transport.cap.key", "labour.ageMin"]),
    );
    expect(getClause("E-02").targets).toEqual([]);
    expect(getClause("E-01").targets.map(({ target }) => target)).toEqual([2_682_100, 2_760_000]);
  });
  test("and an unknown id is none", () => {
    expect(findClause("M-04")).toBeUndefined();
    expect([isClauseId("M-04"), isClauseId("M-04a")]).toEqual([false, true]);
  });
});
