import { existsSync } from "node:fs";
import { readComposeFile } from "./compose-file.ts";
import { demoClockOffset, moveDemoClock } from "./demo-clock.ts";
import { asAdmin } from "./department-database.ts";
import type { Layout, Ports } from "./layout.ts";
import { localSecrets } from "./local-secrets.ts";
import { localServices } from "./service-environment.ts";
import { StartProblem } from "./start-problem.ts";

/**
 * Lets days pass in a demonstration: moves the business clock of every department's database on, by the same whole days, forward only.
 * Deadlines fall due, postings run out and months end as they would. There is no such clock in production.
 * @returns the business date it is now
 */
export async function advanceDemo(layout: Layout, ports: Ports, wish: string): Promise<string> {
  const days = Number(wish);
  if (!Number.isInteger(days) || days < 1 || days > 366) {
    throw new StartProblem(
      "请写明向前推进的天数(1至366),例如 npm run advance -- 6",
      "Say how many days are to pass (1 to 366), e.g. npm run advance -- 6",
    );
  }
  if (!existsSync(layout.clock))
    throw new StartProblem("演示尚未启动过,请先运行 npm start", "There is no demonstration yet; run npm start first");
  const compose = readComposeFile();
  const secrets = localSecrets(layout.secrets, compose);
  const target = demoClockOffset(layout.clock) + days * 86_400_000;
  for (const { environment } of localServices(compose, ports, secrets, 0)) {
    const owner = environment["MIGRATION_DATABASE_URL"];
    if (!owner) continue;
    try {
      await asAdmin(owner, (admin) => admin.query("update kit.clock set offset_ms = $1 where offset_ms < $1", [target]));
    } catch {
      throw new StartProblem("守望未在运行,请先运行 npm start", "Shouwang is not running; run npm start first");
    }
  }
  moveDemoClock(layout.clock, days);
  return new Date(Date.now() + target + 8 * 3_600_000).toISOString().slice(0, 10);
}
