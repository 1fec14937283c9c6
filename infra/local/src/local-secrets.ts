import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { nkeys } from "nats";
import { type ComposeFile, variablesOf } from "./compose-file.ts";

/** The secrets of one local installation: made on the first start, readable by their owner alone. */
export type LocalSecrets = {
  /** Where each is a file of the name it has in docker-compose.yml. */
  folder: string;
  /** Public keys of the bus's users, as nats.conf refers to them. */
  busKeys: Record<string, string>;
  /** A password for each variable that asks for one. */
  passwords: Record<string, string>;
};

const key = () => randomBytes(32).toString("base64");

/** Reads an installation's secrets and makes those that are missing; what exists is never made again. */
export function localSecrets(folder: string, { busUsers, services }: ComposeFile): LocalSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keep = (name: string, make: () => string): string => {
    const file = join(folder, name);
    if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
    return readFileSync(file, "utf8").trim();
  };
  const busKeys = busUsers.map((user) => {
    const seed = keep(`${user}.nkey`, () => new TextDecoder().decode(nkeys.createUser().getSeed()));
    return [`NATS_KEY_${user.toUpperCase().replaceAll("-", "_")}`, nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey()];
  });
  for (const { name } of services.filter(({ environment }) => "DATABASE_URL" in environment)) {
    keep(`${name}.keys.json`, () => JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
  }
  // A department that does not run yet has its key: what is told meanwhile is encrypted for it, too.
  keepPrivateKeys(
    folder,
    busUsers.filter((user) => !user.startsWith("integrator")),
    keep,
  );
  const passwords = variablesOf(services)
    .filter((name) => name.endsWith("_PASSWORD"))
    .map((name) => [name, keep(`${name.toLowerCase().replaceAll("_", "-")}`, () => randomBytes(24).toString("hex"))]);
  return { folder, busKeys: Object.fromEntries(busKeys), passwords: Object.fromEntries(passwords) };
}

/**
 * Each department's key pair for private messages (`<department>.jwk`), and the file its service reads (`<department>.private.json`): its own pair and the
 * others' public halves, written anew so that a department that was added is in everybody's.
 */
function keepPrivateKeys(
  folder: string,
  departments: readonly string[],
  keep: (name: string, make: () => string) => string,
): void {
  const pairs = departments.map((department) => {
    const made = () => {
      const { privateKey } = generateKeyPairSync("x25519");
      return JSON.stringify({ kid: `${department}-1`, ...privateKey.export({ format: "jwk" }) });
    };
    return { department, secret: JSON.parse(keep(`${department}.jwk`, made)) };
  });
  for (const { department, secret } of pairs) {
    const others = pairs
      .filter((other) => other.department !== department)
      .map(({ department: name, secret: { d: _, ...open } }) => [name, open] as const);
    const file = JSON.stringify({ own: [secret], others: Object.fromEntries(others) });
    writeFileSync(join(folder, `${department}.private.json`), file, { mode: 0o600 });
  }
}

/**
 * Makes everything secret that `docker compose` needs of one installation in a folder, and in its file `env` the lines for `.env`.
 * What exists is kept, so that it can be run again after a department was added.
 * @returns the file with the lines
 */
export function deploymentSecrets(folder: string, compose: ComposeFile): string {
  const { busKeys, passwords } = localSecrets(folder, compose);
  const superusers = Object.keys(passwords)
    .filter((name) => name.endsWith("_OWNER_PASSWORD"))
    .map((name) => name.replace("_OWNER_", "_SUPERUSER_"));
  const file = join(folder, "env");
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const known = new Map([...before.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name ?? "", value ?? ""]));
  for (const name of superusers) known.set(name, known.get(name) ?? randomBytes(24).toString("hex"));
  const lines = { ...Object.fromEntries(known), SECRETS_DIR: folder, ...passwords, ...busKeys };
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
    { mode: 0o600 },
  );
  const grafana = join(folder, "grafana.password");
  if (!existsSync(grafana)) writeFileSync(grafana, randomBytes(16).toString("hex"), { mode: 0o600 });
  return file;
}
