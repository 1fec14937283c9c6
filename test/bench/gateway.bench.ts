import { type Bench, type Ground, type Measured, row, sized, timesAtLeast } from "./bench.ts";
import { closedLoop } from "./load.ts";
import { openProcesses } from "./processes.ts";

async function measureDoor(ground: Ground, requests: number): Promise<Measured[]> {
  const processes = await openProcesses(ground.folder);
  try {
    const { issuer, jwksUrl } = processes.issuer;
    const upstream = await processes.start("echo", "test/bench/echo.process.ts", { args: (port) => [String(port)] });
    const gateway = await processes.gateway(upstream);
    const proxy = await processes.start("proxy", "test/bench/proxy.process.ts", {
      args: (port) => [String(port), upstream, issuer, jwksUrl],
    });
    const headers = await processes.signedIn("county-officer", "451228");
    const asked = { method: "GET" as const, path: "/api/v1/monitoring/households?limit=8", headers };
    const rates = { gateway: 0, proxy: 0 };
    // In turns, the first of each to warm up: what else happens on the machine then hits both.
    for (let round = 0; round < 4; round += 1) {
      ground.say(`round ${round + 1} of 4`);
      const [ours, theirs] = [await closedLoop(gateway, asked, requests), await closedLoop(proxy, asked, requests)];
      if (round === 0) continue;
      rates.gateway = Math.max(rates.gateway, ours);
      rates.proxy = Math.max(rates.proxy, theirs);
    }
    return [
      row("requests passed on, token checked, against @fastify/http-proxy", rates.gateway, "requests/s", {
        baseline: rates.proxy,
        goals: [timesAtLeast(1)],
      }),
    ];
  } finally {
    await processes.stop();
  }
}

export const gatewayBench: Bench = {
  name: "gateway",
  about: "how many requests the door passes on to one and the same department, beside a common proxy",
  run: (ground, share) => measureDoor(ground, sized(20_000, share, 60)),
};
