import { expect, test } from "vitest";
import { IssuerAway } from "./auth.ts";
import { openLog } from "./log.ts";
import { PersonalDataError } from "./personal-data.ts";

/** What the log writes of an exception. */
function logged(error: unknown): { text: string; error: Record<string, unknown> } {
  let text = "";
  openLog("test", "info", { write: (line) => (text += line) }).error({ error }, "went wrong");
  return { text, error: JSON.parse(text).error };
}

const name = "蓝秀英";

test.each([
  ["a handler's own", new Error(`cannot pay ${name}`)],
  ["one whose message goes on for lines that look like frames", new Error(`x\n    at ${name} (a.ts:1:1)\n    at ${name}.ts:2:2`)],
  ["one that was said anew after it was made", Object.assign(new Error(name), { message: "another" })],
  ["one with a cause", new Error("outer", { cause: new TypeError(name) })],
  [
    "one with fields of its own",
    Object.assign(new Error("x"), { code: name, syscall: name, constraint: name, detail: name, row: { name } }),
  ],
  ["a database's", Object.assign(new Error(`invalid input "${name}"`), { severity: "ERROR", code: "22P02" })],
  ["what is no exception", name],
])("%s exception is told by its class and frames alone", (_, error) => {
  const { text, error: told } = logged(error);
  expect(text).not.toContain(name);
  expect(told["name"]).toBeDefined();
  expect(told).not.toHaveProperty("message");
});

test("what our own classes and the operating system say is told", () => {
  expect(logged(new PersonalDataError("unknown-key")).error).toMatchObject({ name: "PersonalDataError", message: "unknown-key" });
  const away = logged(new IssuerAway("keys could not be fetched", { cause: new TypeError("fetch failed") })).error;
  expect(away).toMatchObject({ message: "keys could not be fetched", cause: "TypeError" });
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED", syscall: "connect" });
  expect(logged(refused).error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
  expect(String(logged(refused).error["stack"])).toMatch(/log\.test\.ts:\d+:\d+/);
});
