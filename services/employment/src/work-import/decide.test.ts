import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareInsurance, type Held, merge, recordOf, sameEmployer, type Told } from "./decide.ts";
import { readListRow } from "./read-row.ts";

const held: Held = {
  ...{ creditCode: null, employerKey: "a", country: "CN", place: "4403", scope: "outside-region", industry: null },
  ...{
    monthlyWageFen: 420_000,
    pointToPoint: false,
    from: "2022-03-05",
    until: null,
    endedBecause: null,
    checkedOn: "2022-07-01",
  },
};
const { checkedOn: _, ...same } = held;
const told: Told = same;

describe("the record a row is about", () => {
  test.each<[string, Partial<Held>, Partial<Told>, boolean]>([
    ["the same employer, a later first day", {}, { from: "2022-05-01" }, true],
    ["the same employer after the record ended", { until: "2022-04-30" }, { from: "2022-05-01" }, false],
    ["another employer on the same days", {}, { employerKey: "b" }, false],
    ["the same credit code under another name", { creditCode: "x" }, { creditCode: "x", employerKey: "b" }, true],
    ["another credit code under the same name", { creditCode: "x" }, { creditCode: "y" }, false],
    ["no employer known, the same city", { employerKey: null }, {}, true],
    ["no employer known, the province alone", { employerKey: null }, { place: "44" }, true],
    ["no employer known, elsewhere", { employerKey: null }, { place: "31" }, false],
  ])("%s: %s", (_what, record, row, is) => {
    expect(recordOf([{ ...held, ...record }], { ...told, ...row }) !== undefined).toBe(is);
  });

  test.each<[string, Partial<Held>, Partial<Told>, string, Partial<Held>]>([
    ["nothing new", {}, {}, "unchanged", { checkedOn: "2022-08-10" }],
    ["another wage", {}, { monthlyWageFen: 500_000 }, "changed", { monthlyWageFen: 500_000 }],
    ["an older list's wage", { checkedOn: "2022-08-12" }, { monthlyWageFen: 1 }, "unchanged", { monthlyWageFen: 420_000 }],
    ["the wage nobody knew", { checkedOn: "2022-08-12", monthlyWageFen: null }, {}, "changed", { monthlyWageFen: 420_000 }],
    ["the province alone", {}, { place: "44" }, "unchanged", { place: "4403" }],
    ["another city", {}, { place: "4419" }, "changed", { place: "4419" }],
    [
      "its end",
      {},
      { until: "2022-08-01", endedBecause: "epidemic" },
      "ended",
      { until: "2022-08-01", endedBecause: "epidemic" },
    ],
    ["its end for no known reason", {}, { until: "2022-08-01" }, "ended", { endedBecause: "other" }],
    ["a first day that differs", {}, { from: "2022-04-01" }, "unchanged", { from: "2022-03-05" }],
  ])("a row with %s", (_what, record, row, step, after) => {
    const merged = merge({ ...held, ...record }, { ...told, ...row }, "2022-08-10");
    expect(merged.step).toBe(step);
    expect(merged.record).toMatchObject(after);
  });

  test("work that has ended does not begin again by a list: it is asked about", () => {
    const ended: Held = { ...held, until: "2022-07-01", endedBecause: "family" };
    expect(merge(ended, told, "2022-08-10")).toMatchObject({
      step: "unchanged",
      contradicted: true,
      record: { until: "2022-07-01" },
    });
    expect(merge(ended, told, "2022-07-01").contradicted).toBe(false);
  });

  test("a row said twice changes nothing the second time", () => {
    const option = <T>(of: fc.Arbitrary<T>) => fc.option(of);
    const row = fc.record({
      creditCode: option(fc.constantFrom("x", "y")),
      employerKey: option(fc.constantFrom("a", "b")),
      place: fc.constantFrom("44", "4403", "31"),
      monthlyWageFen: option(fc.nat()),
      until: option(fc.constantFrom("2022-06-01", "2022-08-01")),
      from: fc.constantFrom("2022-01-01", "2022-05-01"),
    });
    fc.assert(
      fc.property(row, (more) => {
        const once = merge(held, { ...told, ...more }, "2022-08-10").record;
        expect(merge(once, { ...told, ...more }, "2022-08-10")).toMatchObject({ step: "unchanged", record: once });
        expect(sameEmployer(once, once)).not.toBe("other");
      }),
    );
  });
});

test("an insurance agrees with work of the month, or is paid by another employer, or stands alone", () => {
  const month = { creditCode: null, employerKey: "a", from: "2022-07-01", until: "2022-07-31" };
  expect(compareInsurance([held], month).says).toBe("agrees");
  expect(compareInsurance([held], { ...month, employerKey: null }).says).toBe("agrees");
  expect(compareInsurance([held], { ...month, employerKey: "b" }).says).toBe("insured-elsewhere");
  expect(compareInsurance([{ ...held, until: "2022-06-30" }], month).says).toBe("insured-not-recorded");
});

describe("a row", () => {
  const today = parseBusinessDate("2022-08-15");
  const cells = {
    name: "韦大明",
    identityNumber: "11010519491231002X",
    employer: "示例电子厂",
    place: "深圳",
    from: "2022-03-05",
  };
  const read = (kind: "national-work" | "employer-roll" | "social-insurance", more: Record<string, string>) =>
    readListRow(kind, { ...cells, ...more }, today);
  const rulesOf = (given: ReturnType<typeof read>) => ("reasons" in given ? given.reasons.map(({ rule }) => rule) : []);

  test.each([
    ["202203", "2022-03-01"],
    ["2022-03", "2022-03-01"],
    ["44625", "2022-03-05"],
    ["2022年3月5日", "2022-03-05"],
  ])("spells its first day %s", (from, day) => expect(read("national-work", { from })).toMatchObject({ row: { from: day } }));

  test("spells its last day as a month, of which it is the last day, today's at the latest", () => {
    expect(read("employer-roll", { until: "202206", because: "疫情" })).toMatchObject({
      row: { until: "2022-06-30", because: "epidemic" },
    });
    expect(read("employer-roll", { until: "2022-08" })).toMatchObject({ row: { until: "2022-08-15", because: "other" } });
  });

  test.each<["national-work" | "employer-roll" | "social-insurance", Record<string, string>, string[]]>([
    ["national-work", { identityNumber: "4.51024E+17" }, ["identity"]],
    ["national-work", { identityNumber: "110105194912310021" }, ["identity"]],
    ["national-work", { from: "" }, ["date-empty"]],
    ["national-work", { from: "2022-08-16" }, ["not-in-future"]],
    ["national-work", { until: "2022-03-04" }, ["date-order"]],
    ["national-work", { until: "2022-08-16" }, ["not-in-future"]],
    ["national-work", { place: "南宁" }, ["county-needed"]],
    ["national-work", { wage: "四千" }, ["amount-form"]],
    ["national-work", { channel: "不知道" }, ["code-unknown"]],
    ["national-work", { creditCode: "91110000802100434B" }, ["credit-code"]],
    ["employer-roll", { employer: "" }, ["employer-empty"]],
    ["employer-roll", { from: "03/05/22", until: "?", place: "" }, ["place-empty", "date-form", "date-form"]],
    ["social-insurance", { month: "2022-09" }, ["not-in-future"]],
    ["social-insurance", { month: "?" }, ["month-form"]],
  ])("of %s with %o is refused for all that is wrong with it", (kind, more, rules) => {
    const found = rulesOf(read(kind, more));
    expect(found).toHaveLength(rules.length);
    for (const [at, rule] of rules.entries()) expect(found[at]).toContain(rule);
  });

  test("that says of somebody that they do not work says nothing", () => {
    expect(read("national-work", { hasWork: "否" })).toEqual({ nothing: true });
  });

  test("keeps what no code says: an industry of no section stands with the trade", () => {
    expect(read("employer-roll", { industry: "注塑", trade: "操作工" })).toMatchObject({
      row: { industry: null, trade: "操作工 注塑", channel: null },
    });
    expect(read("national-work", { industry: "制造业", channel: "劳务输出" })).toMatchObject({
      row: { industry: "C", trade: null, channel: "organised-export" },
    });
  });
});
