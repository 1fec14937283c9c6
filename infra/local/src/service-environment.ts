import { type ComposeFile, type ComposeService, interpolate } from "./compose-file.ts";
import { issuerAddress } from "./issuer.ts";
import type { Ports } from "./layout.ts";
import type { LocalSecrets } from "./local-secrets.ts";
import { LOOPBACK } from "./loopback.ts";

/** A service with the environment it gets on this machine. */
export type LocalService = ComposeService & { port: number };

const CONTAINER_PORT = 3000;
/** One demonstrator plays everybody, and load is driven from one account: limits that nobody meets by hand. */
const generous = {
  RATE_READS: "20000/10s",
  RATE_WRITES: "20000/10s",
  RATE_UPLOADS: "600/m",
  RATE_SEARCHES: "6000/m",
  RATE_UNSIGNED: "20000/m",
};

/** Gives every service of the compose file the same environment as there, with this machine's addresses, secrets and clock in it. */
export function localServices(compose: ComposeFile, ports: Ports, secrets: LocalSecrets, clockOffsetMs: number): LocalService[] {
  const placed = compose.services.map((service, index) => ({
    ...service,
    port: service.name === "gateway" ? ports.gateway : ports.service(index),
  }));
  const hosts: [RegExp, string][] = [
    [/\bnats:4222\b/g, `${LOOPBACK}:${ports.nats}`],
    [/\bpostgres-[a-z-]+:5432\b/g, `${LOOPBACK}:${ports.postgres}`],
    [/\/run\/secrets\//g, `${secrets.folder}/`],
    ...placed.map(({ name, port }): [RegExp, string] => [
      new RegExp(`\\b${name}:${CONTAINER_PORT}\\b`, "g"),
      `${LOOPBACK}:${port}`,
    ]),
  ];
  const asked = ["LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT", "RATE_REVEALS", "RATE_EXEMPT", ...Object.keys(generous)].flatMap(
    (name) => (process.env[name] ? [[name, process.env[name] ?? ""]] : []),
  );
  const values = {
    ...generous,
    ...Object.fromEntries(asked),
    ...secrets.passwords,
    OIDC_ISSUER: issuerAddress(ports.issuer),
    CLOCK_OFFSET_MS: String(clockOffsetMs),
  };
  return placed.map((service) => {
    const environment = Object.entries(service.environment).map(([name, value]) => [
      name,
      hosts.reduce((translated, [container, here]) => translated.replace(container, here), interpolate(value, values)),
    ]);
    const here = { NODE_ENV: "development", PORT: String(service.port), HOST: LOOPBACK, PATH: process.env["PATH"] ?? "" };
    // An empty value means "not set" to an operator, but not to a program.
    return { ...service, environment: { ...Object.fromEntries(environment.filter(([, value]) => value !== "")), ...here } };
  });
}
