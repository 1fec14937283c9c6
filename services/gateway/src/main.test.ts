import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { environment, serveDepartment, signedIn } from "./testing.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

test("on SIGTERM the running request gets its answer, a new one no connection, and the process ends with 0 in under five seconds", async () => {
  let arrived = () => {};
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const department = await serveDepartment(
    new Hono().get("*", async (c) => {
      arrived();
      await done;
      return c.text("finished");
    }),
  );
  const env = { ...process.env, ...environment({ monitoring: department.url }), LOG_LEVEL: "info" };
  const gateway = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void gateway.kill("SIGKILL"));
  const [line] = await once(createInterface(gateway.stdout), "line");
  const url = `http://127.0.0.1:${JSON.parse(line).port}`;
  const answer = fetch(`${url}/api/v1/monitoring/slow`, { headers: await signedIn() });
  await asked;
  const startedAt = performance.now();
  gateway.kill("SIGTERM");
  await expect
    .poll(() =>
      fetch(`${url}/health/live`).then(
        () => "open",
        () => "closed",
      ),
    )
    .toBe("closed");
  finish();
  expect(await (await answer).text()).toBe("finished");
  const [code] = await once(gateway, "exit");
  expect(code).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test("a wrong configuration ends the start with one sentence", async () => {
  const gateway = spawn(process.execPath, [main], {
    env: { ...process.env, OIDC_ISSUER: "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [line] = await once(createInterface(gateway.stderr), "line");
  expect(line).toBe("gateway: configuration is missing or wrong: OIDC_ISSUER");
  expect((await once(gateway, "exit"))[0]).toBe(1);
});
