import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const good = { OIDC_ISSUER: "http://issuer.example", UPSTREAMS: "monitoring=http://monitoring:3000, funds=http://funds:3000" };

test("the upstreams are read in order, blanks forgiven", () => {
  expect(readConfig(good).UPSTREAMS).toEqual([
    { service: "monitoring", origin: "http://monitoring:3000" },
    { service: "funds", origin: "http://funds:3000" },
  ]);
  expect(readConfig({ OIDC_ISSUER: "http://issuer.example" })).toMatchObject({
    PORT: 8080,
    UPSTREAMS: [],
    OIDC_AUDIENCE: "shouwang",
  });
});

test.each([
  [{ OIDC_ISSUER: undefined }, "OIDC_ISSUER"],
  [{ PORT: "eighty" }, "PORT"],
  [{ UPSTREAMS: "monitoring" }, "UPSTREAMS"],
  [{ UPSTREAMS: "monitoring=ftp://x" }, "UPSTREAMS"],
  [{ UPSTREAMS: "monitoring=http://x/base" }, "UPSTREAMS"],
  [{ UPSTREAMS: "plan=http://x" }, "UPSTREAMS"],
  [{ UPSTREAMS: "funds=http://x,funds=http://y" }, "UPSTREAMS"],
  [{ CLOCK_OFFSET_MS: "1.5" }, "CLOCK_OFFSET_MS"],
])("%j is refused in one sentence that names the variable", (wrong, name) => {
  expect(() => readConfig({ ...good, ...wrong })).toThrow(new Error(`configuration is missing or wrong: ${name}`));
});

test("a moved clock is refused in production", () => {
  expect(() => readConfig({ ...good, NODE_ENV: "production", CLOCK_OFFSET_MS: "-1" })).toThrow(/CLOCK_OFFSET_MS/);
  expect(readConfig({ ...good, CLOCK_OFFSET_MS: "-1" }).CLOCK_OFFSET_MS).toBe(-1);
});
