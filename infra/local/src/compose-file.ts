import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CHECKOUT } from "./checkout.ts";

/** A service of ours as docker-compose.yml declares it, its environment still with `${…}` and container addresses in it. */
export type ComposeService = {
  name: string;
  environment: Record<string, string>;
  /** The program that fills its database for a demo, inside the service's folder. */
  seed: string | undefined;
};

/** What the runner takes from docker-compose.yml. */
export type ComposeFile = {
  /** Those built by our Dockerfile, the gateway last: it is stopped first. */
  services: ComposeService[];
  /** Users of the bus, as the NATS service's environment names their public keys: `NATS_KEY_<USER>`. */
  busUsers: string[];
};

export function readComposeFile(file: string = join(CHECKOUT, "docker-compose.yml")): ComposeFile {
  const declared = field(parse(readFileSync(file, "utf8"), { merge: true }), "services");
  const services = Object.entries(declared)
    .filter(([, service]) => typeof field(field(service, "build"), "args")["SERVICE"] === "string")
    .map(([name, service]) => ({
      name,
      environment: texts(field(service, "environment")),
      seed: text(field({ service }, "service")["x-seed"]),
    }));
  const busUsers = Object.keys(field(declared["nats"], "environment"))
    .filter((name) => name.startsWith("NATS_KEY_"))
    .map((name) => name.slice("NATS_KEY_".length).toLowerCase().replaceAll("_", "-"));
  return { services: services.sort((a, b) => Number(a.name === "gateway") - Number(b.name === "gateway")), busUsers };
}

function field(of: unknown, name: string): Record<string, unknown> {
  const value: unknown =
    typeof of === "object" && of !== null ? Object.entries(of).find(([key]) => key === name)?.[1] : undefined;
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const texts = (of: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, String(value)]));

/** Compose's own rules for `${NAME}`, `${NAME:-default}` and `${NAME:?message}`; a required name without a value throws. */
export function interpolate(value: string, values: Record<string, string>): string {
  return value.replace(
    /\$\{(\w+)(?::(-|\?)([^}]*))?\}/g,
    (_, name: string, kind: string | undefined, rest: string | undefined) => {
      const given = values[name];
      if (given) return given;
      if (kind === "?") throw new Error(`docker-compose.yml needs ${name}: ${rest}`);
      return rest ?? "";
    },
  );
}

/** Every name the services' environment asks for by `${NAME…}`. */
export const variablesOf = (services: readonly ComposeService[]): string[] => [
  ...new Set(
    services.flatMap(({ environment }) =>
      Object.values(environment).flatMap((value) => [...value.matchAll(/\$\{(\w+)/g)].map((m) => m[1] ?? "")),
    ),
  ),
];
