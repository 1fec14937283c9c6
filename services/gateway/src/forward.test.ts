import { createServer, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { until } from "@shouwang/testkit";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { deadAddress, gatewayBefore, serveDepartment, signedIn } from "./testing.ts";

/** A department that says what reached it. */
const echo = () =>
  new Hono().all("/api/v1/:service/*", async (c) => {
    const url = new URL(c.req.url);
    const body = { method: c.req.method, path: url.pathname + url.search, headers: c.req.header(), text: await c.req.text() };
    return c.json(body, 201, { etag: '"7"', "x-own": "yes" });
  });

const Echo = z.object({ method: z.string(), path: z.string(), text: z.string(), headers: z.record(z.string(), z.string()) });

describe("a request reaches its department unchanged, and the answer comes back so", () => {
  test("method, path, query, body, headers and status", async () => {
    const department = await serveDepartment(echo());
    const gateway = await gatewayBefore({ monitoring: department.url });
    const headers = { ...(await signedIn()), "content-type": "application/json", "idempotency-key": "key-00000001" };
    const path = "/api/v1/monitoring/households?name=%E9%9F%A6&page=2";
    const response = await fetch(gateway + path, { method: "POST", headers, body: '{"a":1}' });
    expect(response.status).toBe(201);
    expect(response.headers.get("etag")).toBe('"7"');
    expect(response.headers.get("x-own")).toBe("yes");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const seen = Echo.parse(await response.json());
    expect(seen).toMatchObject({ method: "POST", path, text: '{"a":1}' });
    expect(seen.headers).toMatchObject({ ...headers, "x-forwarded-for": "127.0.0.1", "x-forwarded-host": new URL(gateway).host });
    expect(seen.headers["traceparent"]).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  });

  test("a client's trace is kept; what it claims about its own address is not, nor are headers of the hop", async () => {
    const department = await serveDepartment(echo());
    const gateway = await gatewayBefore({ monitoring: department.url });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const sent = { ...(await signedIn()), traceparent, "x-forwarded-for": "10.9.8.7", connection: "close, x-hop", "x-hop": "1" };
    const { headers } = await new Promise<{ headers: Record<string, string> }>((resolve, reject) => {
      request(`${gateway}/api/v1/monitoring/x`, { headers: sent }, (response) => {
        response.setEncoding("utf8").once("data", (text) => resolve(JSON.parse(text)));
      })
        .once("error", reject)
        .end();
    });
    expect(headers).toMatchObject({ traceparent, "x-forwarded-for": "127.0.0.1" });
    expect(headers).not.toHaveProperty("x-hop");
  });

  test.each([
    ["/api/v1/monitoring/../funds/x", 503],
    ["/api/v1/monitoring/%2e%2e/%2e%2e/%2e%2e/internal", 404],
  ])("a path cannot climb out of its service: %s", async (path, status) => {
    const department = await serveDepartment(echo());
    const gateway = await gatewayBefore({ monitoring: department.url });
    const headers = await signedIn();
    // fetch would resolve the dots itself.
    const seen = await new Promise((resolve) => {
      request({ port: new URL(gateway).port, path, headers }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(seen).toBe(status);
  });

  test("an upload flows through while it is sent, and the answer while it is made", async () => {
    const department = await serveDepartment(
      new Hono().post("/api/v1/monitoring/mirror", (c) => new Response(c.req.raw.body, { status: 200 })),
    );
    const gateway = await gatewayBefore({ monitoring: department.url });
    const sending = new TransformStream<Uint8Array, Uint8Array>();
    const writer = sending.writable.getWriter();
    const asked = fetch(`${gateway}/api/v1/monitoring/mirror`, {
      method: "POST",
      headers: await signedIn(),
      body: sending.readable,
      duplex: "half",
    });
    await writer.write(Buffer.from("first"));
    const reader = (await asked).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
    await writer.write(Buffer.from("second"));
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("second");
    await writer.close();
    expect((await reader?.read())?.done).toBe(true);
  });

  test("a refusal of a large upload comes through although nobody read the upload", async () => {
    const department = await serveDepartment(
      new Hono().post("/api/v1/monitoring/import", (c) => c.json({ code: "body-too-large" }, 413)),
    );
    const gateway = await gatewayBefore({ monitoring: department.url });
    const body = Buffer.alloc(4_000_000);
    const response = await fetch(`${gateway}/api/v1/monitoring/import`, { method: "POST", headers: await signedIn(), body });
    expect(response.status).toBe(413);
  });
});

describe("a department that is away holds up nobody", () => {
  test("down: 503 with Retry-After, at once, again and again", async () => {
    const gateway = await gatewayBefore({ monitoring: await deadAddress() });
    for (let round = 0; round < 5; round += 1) {
      const startedAt = performance.now();
      const response = await fetch(`${gateway}/api/v1/monitoring/x`, { headers: await signedIn() });
      expect(response.status).toBe(503);
      expect(response.headers.get("content-type")).toMatch("application/problem+json");
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ code: "dependency-unavailable", instance: "/api/v1/monitoring/x" });
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    }
  });

  test("a POST with a body to a department that is down is told so, not cut off", async () => {
    const gateway = await gatewayBefore({ monitoring: await deadAddress() });
    const post = { method: "POST", headers: await signedIn(), body: Buffer.alloc(300_000) };
    expect((await fetch(`${gateway}/api/v1/monitoring/x`, post)).status).toBe(503);
  });

  test("it is found again after it came back", async () => {
    const { url, close } = await serveDepartment(echo());
    const gateway = await gatewayBefore({ monitoring: url });
    const status = async () => (await fetch(`${gateway}/api/v1/monitoring/x`, { headers: await signedIn() })).status;
    expect(await status()).toBe(201);
    await close();
    for (let round = 0; round < 4; round += 1) expect(await status()).toBe(503);
    const again = createServer((_request, response) => response.writeHead(204).end());
    await new Promise<void>((resolve) => again.listen(Number(new URL(url).port), "127.0.0.1", resolve));
    onTestFinished(() => void again.close().closeAllConnections());
    await until(async () => (await status()) === 204);
  });

  test("a slow one delays no other, and beyond its places it is refused at once", async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let waiting = 0;
    const slow = await serveDepartment(
      new Hono().get("*", async (c) => {
        waiting += 1;
        await gate;
        return c.text("at last");
      }),
    );
    const quick = await serveDepartment(echo());
    const gateway = await gatewayBefore({ funds: slow.url, monitoring: quick.url }, { UPSTREAM_LIMIT: "2" });
    const headers = await signedIn();
    const stuck = [1, 2].map(() => fetch(`${gateway}/api/v1/funds/x`, { headers }));
    await until(() => waiting === 2);
    expect((await fetch(`${gateway}/api/v1/funds/x`, { headers })).status).toBe(503);
    expect((await fetch(`${gateway}/api/v1/monitoring/x`, { headers })).status).toBe(201);
    open();
    for (const answer of await Promise.all(stuck)) expect(await answer.text()).toBe("at last");
    await until(async () => (await fetch(`${gateway}/api/v1/funds/x`, { headers })).status === 200, { what: "a free place" });
  });

  test("fault 30: a POST is sent once, whatever happens to it", async () => {
    let posts = 0;
    const rude = createServer((incoming) => {
      posts += 1;
      incoming.socket.destroy();
    });
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void rude.close());
    // Safe: a server listening on a TCP port has an AddressInfo.
    const { port } = rude.address() as AddressInfo;
    const gateway = await gatewayBefore({ monitoring: `http://127.0.0.1:${port}` });
    const response = await fetch(`${gateway}/api/v1/monitoring/x`, { method: "POST", headers: await signedIn(), body: "{}" });
    expect(response.status).toBe(503);
    expect(posts).toBe(1);
  });

  test("an answer that breaks off does not look whole", async () => {
    const broken = createTcpServer((socket) =>
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhalf \r\n");
        setImmediate(() => socket.destroy());
      }),
    );
    await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void broken.close());
    // Safe: a server listening on a TCP port has an AddressInfo.
    const { port } = broken.address() as AddressInfo;
    const gateway = await gatewayBefore({ monitoring: `http://127.0.0.1:${port}` });
    const headers = await signedIn();
    await expect(fetch(`${gateway}/api/v1/monitoring/x`, { headers }).then((response) => response.text())).rejects.toThrow();
  });

  test("a client that goes away takes its request with it", async () => {
    let ended = false;
    let arrived = false;
    const department = createServer((incoming) => {
      arrived = true;
      incoming.socket.once("close", () => {
        ended = true;
      });
    });
    await new Promise<void>((resolve) => department.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void department.close().closeAllConnections());
    // Safe: a server listening on a TCP port has an AddressInfo.
    const { port } = department.address() as AddressInfo;
    const gateway = await gatewayBefore({ monitoring: `http://127.0.0.1:${port}` });
    const { authorization } = await signedIn();
    const client = connect(Number(new URL(gateway).port), "127.0.0.1");
    client.write(`GET /api/v1/monitoring/x HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
    await until(() => arrived);
    client.destroy();
    await until(() => ended);
  });
});

describe("what has no department", () => {
  test("a department of the plan that is not connected: 503, and why", async () => {
    const gateway = await gatewayBefore({});
    const response = await fetch(`${gateway}/api/v1/social/x`, { headers: await signedIn() });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ en: { detail: expect.stringMatching(/not yet built/) } });
  });
  test.each(["/api/v1/weather/x", "/api/v2/monitoring/x", "/api/v1/monitoring", "/api"])("%s: 404", async (path) => {
    const gateway = await gatewayBefore({});
    const response = await fetch(gateway + path, { headers: await signedIn() });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "route-not-found" });
  });
  test("a seventh department needs no more than its address", async () => {
    const department = await serveDepartment(echo());
    const gateway = await gatewayBefore({ weather: department.url });
    expect((await fetch(`${gateway}/api/v1/weather/x`, { headers: await signedIn() })).status).toBe(201);
  });
});

describe("an answer that is followed", () => {
  test("comes as it is made, holds no place of the others, and breaks off for the department when its client goes", async () => {
    let told = 0;
    let gone = false;
    const department = await serveDepartment(
      new Hono()
        .get("/api/v1/monitoring/jobs/:jobId/events", (c) =>
          streamSSE(c, async (stream) => {
            stream.onAbort(() => {
              gone = true;
            });
            while (!gone) {
              told += 1;
              await stream.writeSSE({ event: "state", id: String(told), data: "{}" });
              await stream.sleep(10);
            }
          }),
        )
        .get("/api/v1/monitoring/x", (c) => c.json({})),
    );
    const gateway = await gatewayBefore({ monitoring: department.url }, { UPSTREAM_LIMIT: "1" });
    const headers = await signedIn();
    const leave = new AbortController();
    const reply = await fetch(`${gateway}/api/v1/monitoring/jobs/1/events`, { headers, signal: leave.signal });
    expect(reply.headers.get("content-type")).toContain("text/event-stream");
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("id: 2")) text += (await reader?.read())?.value ?? "";
    expect((await fetch(`${gateway}/api/v1/monitoring/x`, { headers })).status).toBe(200);
    leave.abort();
    await until(() => gone);
  });
});
