import { toRegionCode } from "@shouwang/regions/code";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parameterInForce } from "./parameter-in-force.ts";

const row = (name: string, prefix: string, validFrom: string, validTo: string | null, key = "transport.rate") => ({
  name,
  key,
  region: toRegionCode(prefix),
  validFrom,
  validTo,
});

const rows = [
  row("region", "45", "2022-01-01", null),
  row("city", "4510", "2022-03-01", "2022-12-31"),
  row("county", "451024", "2022-05-01", "2022-08-31"),
  row("county again", "451024", "2022-07-01", null),
  row("township", "451024100", "2022-06-15", "2022-06-15"),
  row("other key", "451024", "2022-01-01", null, "labourSubsidy.rate"),
];

describe("the row that holds", () => {
  test.each([
    ["451024100201", "2021-12-31", undefined],
    ["451024100201", "2022-01-01", "region"],
    ["451024100201", "2022-02-28", "region"],
    ["451024100201", "2022-03-01", "city"],
    ["451024100201", "2022-04-30", "city"],
    ["451024100201", "2022-05-01", "county"],
    ["451024100201", "2022-06-14", "county"],
    ["451024100201", "2022-06-15", "township"],
    ["451024100201", "2022-06-16", "county"],
    ["451024100201", "2022-06-30", "county"],
    ["451024100201", "2022-07-01", "county again"],
    ["451024", "2022-06-15", "county"],
    ["451022", "2022-12-31", "city"],
    ["451022", "2023-01-01", "region"],
    ["4510", "2022-05-01", "city"],
    ["45", "2022-05-01", "region"],
    ["4512", "2022-05-01", "region"],
    ["4414", "2022-05-01", undefined],
  ])("in %s on %s is %s", (prefix, date, expected) => {
    expect(parameterInForce(rows, "transport.rate", toRegionCode(prefix), date)?.name).toBe(expected);
  });
  test("is never that of another key", () => {
    expect(parameterInForce(rows, "helper.days", toRegionCode("451024"), "2022-06-01")).toBeUndefined();
  });
});

test("the order in which rows are read does not matter", () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(rows, { minLength: rows.length }),
      fc.constantFrom("45", "4510", "451024", "451024100", "451024100201"),
      fc.constantFrom("2022-01-01", "2022-04-01", "2022-06-15", "2022-07-01", "2023-01-01"),
      (shuffled, prefix, date) => {
        const region = toRegionCode(prefix);
        expect(parameterInForce(shuffled, "transport.rate", region, date)).toBe(
          parameterInForce(rows, "transport.rate", region, date),
        );
      },
    ),
  );
});
