import { createHash } from "node:crypto";
import { allEvents, problems } from "@shouwang/contract";
import { clauses } from "@shouwang/plan";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { deadAddress, gatewayBefore, serveDepartment } from "../testing.ts";

const html = { accept: "text/html,application/xhtml+xml" };
const open = async (gateway: string, path: string) => {
  const response = await fetch(gateway + path, { headers: html });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const everyPage = ["/", "/docs", "/events", "/problems", "/problems/not-found", "/nowhere"];

test("the start page says which department runs, which is down and which is not yet built, and has every clause", async () => {
  const monitoring = await serveDepartment(new Hono().get("/health/ready", (c) => c.json({ ready: true })));
  const gateway = await gatewayBefore({ monitoring: monitoring.url, employment: await deadAddress() });
  const { text } = await open(gateway, "/");
  const standing = [...text.matchAll(/data-standing="([\w-]+)"/g)].map((match) => match[1]);
  expect(standing).toEqual(["up", "down", "not-built", "not-built", "not-built", "not-built"]);
  for (const { id, title } of clauses) {
    expect(text).toContain(`id="${id}"`);
    expect(text).toContain(title.zh);
  }
});

test("a department that says it is not ready is shown as down", async () => {
  const monitoring = await serveDepartment(new Hono().get("/health/ready", (c) => c.json({ ready: false }, 503)));
  expect((await open(await gatewayBefore({ monitoring: monitoring.url }), "/")).text).toContain('data-standing="down"');
});

describe.each(everyPage)("%s", (path) => {
  test("shows the demo's date, and none when the clock is not moved", async () => {
    const now = () => Date.parse("2026-01-02T00:00:00Z");
    const offset = Date.parse("2022-08-15T00:00:00Z") - now();
    const demo = await open(await gatewayBefore({}, { CLOCK_OFFSET_MS: String(offset) }, now), path);
    expect(demo.text).toMatch(/演示时钟.*demo clock.*2022-08-15/);
    expect((await open(await gatewayBefore({}), path)).text).not.toContain("demo clock");
  });

  test("lets only its own scripts run", async () => {
    const { headers, text } = await open(await gatewayBefore({}), path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/default-src 'none'; script-src 'self'/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(text).not.toMatch(/<[^>]+\son\w+=/i);
    for (const [, script] of text.matchAll(/<script>([\s\S]*?)<\/script>/g))
      expect(policy).toContain(
        createHash("sha256")
          .update(script ?? "")
          .digest("base64"),
      );
  });

  test("loads nothing from elsewhere, and what it loads is there", async () => {
    const gateway = await gatewayBefore({});
    const { text } = await open(gateway, path);
    const loaded = [...text.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(loaded.length).toBeGreaterThan(1);
    for (const address of loaded) {
      expect(address).toMatch(/^\/assets\//);
      expect((await fetch(gateway + address)).status, address).toBe(200);
    }
  });
});

test("every event of the contract is on the events page with its subject, fields and example", async () => {
  const { text } = await open(await gatewayBefore({}), "/events");
  for (const { type, about } of allEvents()) {
    expect(text).toContain(`id="${type}"`);
    expect(text).toContain(`sw.evt.${type}.&lt;city&gt;.&lt;county&gt;`);
    expect(text).toContain(about.title.zh);
  }
});

describe("problem pages", () => {
  test.each(Object.entries(problems))("%s has a page for people and an entry for programs", async (code, { status, zh, en }) => {
    const gateway = await gatewayBefore({});
    const page = await open(gateway, `/problems/${code}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain(zh);
    const entry = await (await fetch(`${gateway}/problems/${code}`)).json();
    expect(entry).toMatchObject({ type: `/problems/${code}`, code, status, title: { zh, en } });
  });
  test.each(["no-such-code", "constructor"])("%s: 404", async (code) => {
    const response = await fetch(`${await gatewayBefore({})}/problems/${code}`);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch("application/problem+json");
  });
});

test("an unknown address is a problem document for programs and a page for people", async () => {
  const gateway = await gatewayBefore({});
  const problem = await fetch(`${gateway}/nowhere`);
  expect(problem.status).toBe(404);
  expect(await problem.json()).toMatchObject({ code: "route-not-found", type: "/problems/route-not-found" });
  expect((await open(gateway, "/nowhere")).status).toBe(404);
});

test("another origin is given no leave to read", async () => {
  const response = await fetch(`${await gatewayBefore({})}/openapi.json`, { headers: { origin: "https://elsewhere.example" } });
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
});

test("the contract's AsyncAPI document is served as it is", async () => {
  const response = await fetch(`${await gatewayBefore({})}/asyncapi.json`);
  expect(await response.json()).toMatchObject({ asyncapi: expect.stringMatching(/^3\./) });
});
