import { fileURLToPath } from "node:url";
import { migrate } from "@shouwang/service-kit";
import { type Child, cloneDatabase, startProcess, type TestDatabase, templateDatabase, testIssuer } from "@shouwang/testkit";
import {
  type Callers,
  callersOf,
  type WardDatabase,
  wardEnvironment,
  withAdmin,
} from "../../packages/service-kit/src/testing/ward.testing.ts";
import { monitoring } from "../../services/monitoring/src/index.ts";
import { newNumber, village } from "../../services/monitoring/src/people.testing.ts";
import type { Producer } from "./checker.ts";
import type { Kind, Ledger } from "./ledger.ts";

const program = (path: string) => fileURLToPath(new URL(`../../services/${path}/src/main.ts`, import.meta.url));

/** Business time must be the same for everybody who opens a database. */
const clockOffsetMs = String(new Date("2022-08-15T09:00:00+08:00").getTime() - Date.now());

/** A database of monitoring of its own. */
export async function monitoringDatabase(): Promise<WardDatabase> {
  await templateDatabase("monitoring", async (urls) => {
    await migrate(urls.migrationUrl, "monitoring_app", monitoring.migrations);
  });
  return withAdmin(await cloneDatabase("monitoring"), "monitoring");
}

/** The real service in a process of its own, in the summer of the plan. */
export async function startMonitoring(
  database: TestDatabase,
  natsUrl: string,
  more: Record<string, string> = {},
): Promise<Child & { as: Callers }> {
  const env = { ...wardEnvironment(database, natsUrl), CLOCK_OFFSET_MS: clockOffsetMs, LOG_LEVEL: "info", ...more };
  const child = await startProcess(program("monitoring"), env);
  return { ...child, as: callersOf("monitoring", () => child.url) };
}

/** The real gateway before monitoring, in a process of its own. */
export async function startGatewayBefore(monitoringUrl: string, more: Record<string, string>): Promise<Child & { as: Callers }> {
  const { issuer, jwksUrl } = testIssuer();
  const child = await startProcess(program("gateway"), {
    ...{ PORT: "0", HOST: "127.0.0.1", OIDC_ISSUER: issuer, OIDC_JWKS_URL: jwksUrl, RATE_UNSIGNED: "off" },
    UPSTREAMS: `monitoring=${monitoringUrl}`,
    ...more,
  });
  return { ...child, as: callersOf("monitoring", () => child.url) };
}

const registered: Kind = {
  entities: ["household", "person"],
  told: (reply) => [
    { entity: "household", entityId: String(reply["householdId"]), version: 1 },
    // Safe: the service's replies are parsed with the schema it declares, where each member has an id.
    ...(reply["members"] as { personId: string }[]).map(({ personId }) => ({ entity: "person", entityId: personId, version: 1 })),
  ],
};

/** Registers a household of two whom nobody knows yet, through the ledger. Answers how long it took, in milliseconds, and what came of it. */
export async function register(ledger: Ledger, as: Callers, at = 0) {
  const name = (first: string) => `${first}${String.fromCodePoint(0x4e00 + ledger.attempted(), 0x5e00 + at)}`;
  const body = {
    region: village,
    householdKind: "lifted-household",
    guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: true },
    members: [
      { name: name("韦"), identityNumber: newNumber("1975-03-05", "male"), relation: "head", labourSkill: "ordinary" },
      { name: name("覃"), identityNumber: newNumber("1978-06-01", "female"), relation: "spouse", labourSkill: "ordinary" },
    ],
  };
  const startedAt = performance.now();
  const reply = await ledger.send(registered, (key) => as("village-officer", village).post("/households", body, key));
  return { reply, tookMs: performance.now() - startedAt };
}

export const monitoringProducer = (database: WardDatabase, natsUrl: string): Producer => ({
  service: "monitoring",
  database,
  natsUrl,
  stored:
    "select id::text, version::int from monitoring.household union all select id::text, version::int from monitoring.person",
});
