import { fileURLToPath } from "node:url";
import { type Child as Process, startProcess, type TestDatabase } from "@shouwang/testkit";
import { type Callers, callersOf, wardEnvironment } from "./ward.testing.ts";

/** A test service in a process of its own, and the people who call it. */
export type Child = Process & { as: Callers };

const program = fileURLToPath(new URL("./clinic.process.ts", import.meta.url));

/** The test services, and under which department's name each runs. */
const departments = { clinic: "social", mirror: "cooperation", vault: "industry" } as const;

/** Starts a test service as a process and waits until it says that it is ready. */
export async function startChild(
  which: keyof typeof departments,
  database: TestDatabase,
  natsUrl: string,
  more: Record<string, string> = {},
): Promise<Child> {
  const child = await startProcess(program, { ...wardEnvironment(database, natsUrl), LOG_LEVEL: "info", WARD: which, ...more });
  return { ...child, as: callersOf(departments[which], () => child.url) };
}
