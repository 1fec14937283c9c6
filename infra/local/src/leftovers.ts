import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Layout } from "./layout.ts";
import * as processes from "./process-identity.ts";

/** Stops what a killed run of this installation left running, in the order of a normal stop. Nobody else's process is touched. */
export async function stopLeftovers(layout: Layout): Promise<void> {
  const run = join(layout.root, "run");
  const services = existsSync(run) ? readdirSync(run).map((file) => join(run, file)) : [];
  await stopRecorded(
    services.filter((file) => file !== layout.runner),
    "SIGTERM",
    true,
  );
  await stopRecorded([join(layout.issuer, "issuer.json"), join(layout.nats, "server.json")], "SIGTERM", false);
  await stopRecorded([join(layout.postgres, "server.json")], "SIGINT", false);
}

async function stopRecorded(records: string[], gently: NodeJS.Signals, group: boolean): Promise<void> {
  const left = records.flatMap((file) => processes.rememberedProcess(file) ?? []);
  await Promise.all(left.map((one) => processes.stopProcess(one, gently, 8_000, group)));
  for (const file of records) processes.forgetProcess(file);
}
