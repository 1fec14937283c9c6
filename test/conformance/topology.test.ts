import { type ComposeService, interpolate, readComposeFile } from "@shouwang/local";
import { readConfig } from "@shouwang/service-kit";
import { describe, expect, test } from "vitest";
import { departments } from "./subjects.ts";

const { services, busUsers } = readComposeFile();
/** A container's environment as it would be, every variable that an operator chooses given. */
const environmentOf = ({ environment }: ComposeService): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      const chosen = Object.fromEntries(
        [...value.matchAll(/\$\{(\w+)/g)].map(([, variable = ""]) => [
          variable,
          // Limits have their defaults in the file.
          variable.endsWith("ISSUER") ? "https://sign.in" : variable.startsWith("RATE_") ? "" : "1",
        ]),
      );
      return [name, interpolate(value, { ...chosen, NODE_ENV: "production", CLOCK_OFFSET_MS: "0", LOG_LEVEL: "info" })];
    }),
  );
const named = (name: string) => services.find((service) => service.name === name);

describe.each(departments)("docker-compose.yml and $name", ({ name }) => {
  test("know each other: a container, a user of the bus, a way from the gateway", () => {
    expect(named(name)).toBeDefined();
    expect(busUsers).toContain(name);
    expect(named("gateway")?.environment["UPSTREAMS"]).toContain(`${name}=`);
  });

  test("agree on what the service's configuration asks for", () => {
    const service = named(name);
    if (!service) throw new Error(`${name} is not in docker-compose.yml`);
    const environment = environmentOf(service);
    expect(readConfig(environment)).toMatchObject({ NODE_ENV: "production" });
    const { KEYS_FILE: _, ...without } = environment;
    expect(() => readConfig(without)).toThrow("KEYS_FILE");
  });
});
