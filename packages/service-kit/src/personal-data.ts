import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from "node:crypto";
import type { z } from "zod";
import { surnameOf } from "./identity-mask.ts";
import { type Keys, PersonalDataError, subkey } from "./personal-data-keys.ts";

export { type Keys, loadKeys, PersonalDataError, type PersonalDataFailure, parseKeys } from "./personal-data-keys.ts";

/** Where a sealed record lives. It is part of what is authenticated: a ciphertext copied into another row does not open. */
export type RecordPlace = { table: string; id: string };

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts one person's record under the current key with AES-256-GCM. In clear before the ciphertext: a version byte, the key
 * id with its length, the random nonce, the tag. The length of the ciphertext tells the length of the record.
 */
export function sealRecord(keys: Keys, place: RecordPlace, record: unknown): Buffer {
  return seal(keys, ["record", place.table, place.id], Buffer.from(JSON.stringify(record)));
}

/**
 * Opens a sealed record and parses it. Throws PersonalDataError (`sealed-form`, `unknown-key`, `not-authentic`,
 * `record-shape`), which never carries any of the content.
 */
export function openRecord<T>(keys: Keys, place: RecordPlace, sealed: Buffer, schema: z.ZodType<T>): T {
  const content = open(keys, ["record", place.table, place.id], sealed);
  // Authentic content was written by sealRecord as JSON, so parsing cannot fail; only its shape may have grown old.
  const record = schema.safeParse(JSON.parse(content.toString()));
  if (!record.success) throw new PersonalDataError("record-shape");
  return record.data;
}

/** Encrypts a file; its id is authenticated with it, as the row is with a record. */
export function sealFile(keys: Keys, fileId: string, content: Buffer): Buffer {
  return seal(keys, ["file", fileId], content);
}

/** Opens a sealed file. Throws PersonalDataError as `openRecord` does. */
export function openFile(keys: Keys, fileId: string, sealed: Buffer): Buffer {
  return open(keys, ["file", fileId], sealed);
}

/** Which key a record or file is sealed under, without opening it. Throws PersonalDataError `sealed-form`. */
export function sealedKeyId(sealed: Buffer): string {
  const length = sealed[1] ?? 0;
  if (sealed[0] !== VERSION || length === 0 || sealed.length < 2 + length + NONCE_BYTES + TAG_BYTES)
    throw new PersonalDataError("sealed-form");
  return sealed.toString("latin1", 2, 2 + length);
}

/** What a record or file under the current key begins with: for finding those that are not without opening any. */
export function currentSealStart(keys: Keys): Buffer {
  return Buffer.concat([Buffer.from([VERSION, keys.current.length]), Buffer.from(keys.current, "latin1")]);
}

/** Seals what a record or file holds again, under the current key, without reading it. Throws PersonalDataError as `openFile` does. */
export function sealAgain(keys: Keys, place: RecordPlace | { file: string }, sealed: Buffer): Buffer {
  const use: [string, ...string[]] = "file" in place ? ["file", place.file] : ["record", place.table, place.id];
  return seal(keys, use, open(keys, use, sealed));
}

/** Whether a record or file is sealed under another key than the current one. */
export function needsRotation(keys: Keys, sealed: Buffer): boolean {
  return sealedKeyId(sealed) !== keys.current;
}

/**
 * A keyed fingerprint (HMAC-SHA-256, 32 bytes) for finding an encrypted value by equality. Each kind (`identity-number`,
 * `phone`) has its own subkey, so equal texts of two kinds do not meet. Normalise the value first. It leaks, to whoever reads
 * the database without the key, which rows hold equal values.
 */
export function blindIndex(keys: Keys, kind: string, value: string): Buffer {
  return hmac(subkey(keys.indexKey, `blind-index ${kind}`), value);
}

/**
 * Equality tokens under which an encrypted name can be found: the whole name, its surname, and each two adjacent characters;
 * distinct and in an order that says nothing. They leak to whoever reads the database without the key how many characters a
 * name has at most and which names share a surname or a pair: frequent surnames can be guessed by counting. So the tokens are
 * personal data themselves and stand behind the same row-level security as the names.
 */
export function nameTokens(keys: Keys, name: string): Buffer[] {
  const text = compact(name);
  if (text === "") return [];
  return distinct([nameToken(keys, "whole", text), nameToken(keys, "surname", surnameOf(text)), ...pairTokens(keys, text)]);
}

/**
 * The tokens a row must have, all of them, to match what was typed: one character searches surnames, more search names that
 * hold every adjacent pair of it. Empty for an empty text, which must match nothing. Three and more characters may find a name
 * that holds the pairs in another order: compare the opened names.
 */
export function nameSearchTokens(keys: Keys, typed: string): Buffer[] {
  const text = compact(typed);
  if (text === "") return [];
  return distinct([...text].length === 1 ? [nameToken(keys, "surname", text)] : pairTokens(keys, text));
}

/** The token only of people whose whole name is this, for matching a list row by name, birth date and village. */
export function wholeNameToken(keys: Keys, name: string): Buffer {
  return nameToken(keys, "whole", compact(name));
}

/** A value's fingerprint for the audit trail, base64url: equal values show as equal, and nobody can guess them without the key. */
export function auditHmac(keys: Keys, value: string): string {
  return hmac(subkey(keys.auditKey, "audit"), value).toString("base64url");
}

function seal(keys: Keys, use: [kind: string, ...place: string[]], content: Buffer): Buffer {
  const nonce = freshNonce();
  const cipher = createCipheriv("aes-256-gcm", sealingKey(keys, keys.current, use[0]), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(keys.current, use));
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()]);
  const keyId = Buffer.from(keys.current, "latin1");
  return Buffer.concat([Buffer.from([VERSION, keyId.length]), keyId, nonce, cipher.getAuthTag(), ciphertext]);
}

const noncesAtOnce = 512;
let nonces = Buffer.alloc(0);

/** A random nonce that is used once. Many are drawn at a time: an import seals a million records. */
function freshNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(NONCE_BYTES * noncesAtOnce);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

function open(keys: Keys, use: [kind: string, ...place: string[]], sealed: Buffer): Buffer {
  const keyId = sealedKeyId(sealed);
  const nonceAt = 2 + keyId.length;
  const tagAt = nonceAt + NONCE_BYTES;
  const ciphertextAt = tagAt + TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", sealingKey(keys, keyId, use[0]), sealed.subarray(nonceAt, tagAt), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associatedData(keyId, use)).setAuthTag(sealed.subarray(tagAt, ciphertextAt));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(ciphertextAt)), decipher.final()]);
  } catch {
    throw new PersonalDataError("not-authentic");
  }
}

function sealingKey(keys: Keys, keyId: string, kind: string): KeyObject {
  const key = keys.keys.get(keyId);
  if (!key) throw new PersonalDataError("unknown-key");
  return subkey(key, `seal ${kind}`);
}

/** JSON of an array has one reading only, so no two places share their associated data. */
function associatedData(keyId: string, use: string[]): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, ...use]));
}

function pairTokens(keys: Keys, text: string): Buffer[] {
  const characters = [...text];
  return characters.slice(1).map((second, at) => nameToken(keys, "pair", characters[at] + second));
}

function nameToken(keys: Keys, part: "whole" | "surname" | "pair", text: string): Buffer {
  return blindIndex(keys, `name-${part}`, text);
}

function distinct(tokens: Buffer[]): Buffer[] {
  return [...new Map(tokens.map((token) => [token.toString("latin1"), token])).values()].sort(Buffer.compare);
}

function compact(name: string): string {
  return name.replaceAll(/\s/g, "");
}

function hmac(key: KeyObject, value: string): Buffer {
  return createHmac("sha256", key).update(value).digest();
}
