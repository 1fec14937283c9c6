import { describe, expect, test } from "vitest";
import { readWorkplace } from "./read.ts";

const placeOf = (...cells: string[]): string => {
  const read = readWorkplace(cells);
  if ("reason" in read) return read.reason.rule;
  return read.workplace.place ?? read.workplace.country;
};

describe("a workplace is read from what lists write", () => {
  test.each([
    ["广东省深圳市", "4403"],
    ["广东省", "44"],
    ["深圳", "4403"],
    ["东莞市长安镇", "4419"],
    ["浙江省宁波市", "33"],
    ["上海市", "31"],
    ["内蒙古自治区包头市", "15"],
    ["广西壮族自治区南宁市江南区", "450105"],
    ["南宁市马山县", "450124"],
    ["河池市都安瑶族自治县", "451228"],
    ["都安县", "451228"],
    ["都安", "451228"],
    ["广西河池市大化", "451229"],
    ["隆林县", "451031"],
    ["百色市右江区", "451002"],
    ["440305", "440305"],
    ["450000", "county-needed"],
    ["451228000000", "451228"],
    ["451299", "place-unknown"],
    ["990000", "place-unknown"],
    ["广西", "county-needed"],
    ["南宁市", "county-needed"],
    ["河池", "county-needed"],
    ["马来西亚", "MY"],
    ["境外 越南", "VN"],
    ["外面", "place-unknown"],
    ["", "place-empty"],
  ])("%s is %s", (text, place) => expect(placeOf(text)).toBe(place));

  test("names may stand in a cell each", () => {
    expect(placeOf("广东省", "佛山市", "南海区", "")).toBe("4406");
    expect(placeOf("广西壮族自治区", "河池市", "都安瑶族自治县", "")).toBe("451228");
    expect(placeOf("广西壮族自治区", "", "金城江区", "")).toBe("451202");
  });
});
