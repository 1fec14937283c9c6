import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nkeys } from "nats";

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

/** Reads the installation's secrets and makes those that are missing; what exists is never made again. */
export function localSecrets(
  folder: string,
  asked: { busUsers: string[]; departments: string[]; passwords: string[] },
): LocalSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keep = (name: string, make: () => string): string => {
    const file = join(folder, name);
    if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
    return readFileSync(file, "utf8").trim();
  };
  const busKeys = asked.busUsers.map((user) => {
    const seed = keep(`${user}.nkey`, () => new TextDecoder().decode(nkeys.createUser().getSeed()));
    return [`NATS_KEY_${user.toUpperCase().replaceAll("-", "_")}`, nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey()];
  });
  for (const department of asked.departments) {
    keep(`${department}.keys.json`, () =>
      JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }),
    );
  }
  const passwords = asked.passwords.map((name) => [
    name,
    keep(`${name.toLowerCase().replaceAll("_", "-")}`, () => randomBytes(24).toString("hex")),
  ]);
  return { folder, busKeys: Object.fromEntries(busKeys), passwords: Object.fromEntries(passwords) };
}
