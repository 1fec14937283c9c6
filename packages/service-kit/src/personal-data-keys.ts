import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";

/** What can go wrong with sealed data. The message is the code: no content, no key, no cause. */
export type PersonalDataFailure = "keys-unreadable" | "sealed-form" | "unknown-key" | "not-authentic" | "record-shape";

/** Thrown when keys or sealed data cannot be used: a bug, a wrong key file or tampering, never something the user did. */
export class PersonalDataError extends Error {
  override name = "PersonalDataError";
  readonly code: PersonalDataFailure;
  constructor(code: PersonalDataFailure) {
    super(code);
    this.code = code;
  }
}

/** The keys in use. They are held as KeyObjects, which print as nothing in logs and JSON. */
export type Keys = {
  /** Id of the key that new records are sealed under; the others only open. */
  current: string;
  keys: ReadonlyMap<string, KeyObject>;
  indexKey: KeyObject;
  auditKey: KeyObject;
};

const Key = z.base64().refine((text) => Buffer.from(text, "base64").length === 32);
const KeyFile = z
  .strictObject({ current: z.string(), keys: z.record(z.string().regex(/^[a-z0-9-]{1,32}$/), Key), indexKey: Key, auditKey: Key })
  .refine((file) => Object.hasOwn(file.keys, file.current))
  .refine((file) => {
    const all = [...Object.values(file.keys), file.indexKey, file.auditKey].map((text) =>
      Buffer.from(text, "base64").toString("hex"),
    );
    return new Set(all).size === all.length;
  });

/**
 * Reads `{ current, keys: { k1: … }, indexKey, auditKey }`, each key 32 bytes in base64 and no two alike. Throws
 * PersonalDataError `keys-unreadable`, without saying what it read.
 */
export function parseKeys(json: string): Keys {
  const file = KeyFile.safeParse(parseJson(json));
  if (!file.success) throw new PersonalDataError("keys-unreadable");
  const { current, keys, indexKey, auditKey } = file.data;
  return {
    current,
    keys: new Map(Object.entries(keys).map(([id, key]) => [id, secret(key)])),
    indexKey: secret(indexKey),
    auditKey: secret(auditKey),
  };
}

/** `parseKeys` of a file. A file that is missing or may not be read throws the system's own error, which names the path only. */
export async function loadKeys(file: string): Promise<Keys> {
  return parseKeys(await readFile(file, "utf8"));
}

const subkeys = new WeakMap<KeyObject, Map<string, KeyObject>>();

/** A key for one use, derived by HKDF-SHA-256, so that no two uses ever share a key. Uses are constants of the code. */
export function subkey(key: KeyObject, use: string): KeyObject {
  const known = subkeys.get(key) ?? new Map<string, KeyObject>();
  subkeys.set(key, known);
  const derived =
    known.get(use) ?? createSecretKey(Buffer.from(hkdfSync("sha256", key, "", `shouwang personal data v1 ${use}`, 32)));
  known.set(use, derived);
  return derived;
}

function secret(base64: string): KeyObject {
  return createSecretKey(Buffer.from(base64, "base64"));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
