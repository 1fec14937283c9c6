import { readFile } from "node:fs/promises";
import { Department } from "@shouwang/contract";
import { type CryptoKey, GeneralEncrypt, generalDecrypt, importJWK } from "jose";
import { z } from "zod";

/** What can go wrong with a private message or its keys. The message is the code: no content, no key, no cause. */
type PrivateFailure = "private-keys-unreadable" | "private-message-form" | "private-message-not-authentic";

class PrivateMessageError extends Error {
  override name = "PrivateMessageError";
  readonly code: PrivateFailure;
  constructor(code: PrivateFailure) {
    super(code);
    this.code = code;
  }
}

/** The keys of the private streams: our own, to read what others send us, and the public ones of the other departments. */
export type PrivateKeys = {
  /** By key id; more than one while a key is being replaced. */
  own: ReadonlyMap<string, CryptoKey>;
  others: ReadonlyMap<Department, Recipient>;
};
export type Recipient = { keyId: string; key: CryptoKey };

/** Key agreement per reader over X25519, wrapping one content key a message: the content is encrypted once, whoever reads it. */
const algorithm = "ECDH-ES+A256KW";
const encryption = "A256GCM";

const Public = z.object({ kty: z.literal("OKP"), crv: z.literal("X25519"), kid: z.string().min(1).max(64), x: z.string() });
const Private = Public.extend({ d: z.string() });
const KeyFile = z.strictObject({ own: z.array(Private).min(1), others: z.partialRecord(Department, Public) });

/**
 * Reads `{ own: [JWK…], others: { employment: JWK, … } }`: X25519 keys as JWK with a `kid`, one's own with their private half.
 * Throws PrivateMessageError `private-keys-unreadable` without saying what it read.
 */
export async function parsePrivateKeys(json: string): Promise<PrivateKeys> {
  try {
    const file = KeyFile.parse(JSON.parse(json));
    const own = await Promise.all(file.own.map(async (jwk) => [jwk.kid, await keyOf(jwk)] as const));
    const others = await Promise.all(
      Object.entries(file.others).map(
        async ([department, jwk]) => [Department.parse(department), { keyId: jwk.kid, key: await keyOf(jwk) }] as const,
      ),
    );
    return { own: new Map(own), others: new Map(others) };
  } catch {
    throw new PrivateMessageError("private-keys-unreadable");
  }
}

/** `parsePrivateKeys` of a file. A file that is missing or may not be read throws the system's own error, which names the path only. */
export async function loadPrivateKeys(file: string): Promise<PrivateKeys> {
  return await parsePrivateKeys(await readFile(file, "utf8"));
}

/** The keys to encrypt for: those of the entitled departments that have one. */
export const recipientsOf = (keys: PrivateKeys, entitled: readonly Department[]): Recipient[] =>
  entitled.flatMap((department) => keys.others.get(department) ?? []);

/** Encrypts a message for its readers: a JWE in the general JSON serialisation. */
export async function encryptFor(recipients: readonly Recipient[], content: string): Promise<string> {
  const jwe = new GeneralEncrypt(new TextEncoder().encode(content)).setProtectedHeader({
    enc: encryption,
    cty: "application/cloudevents-batch+json",
  });
  for (const { keyId, key } of recipients) jwe.addRecipient(key).setUnprotectedHeader({ alg: algorithm, kid: keyId });
  return JSON.stringify(await jwe.encrypt());
}

const Message = z.object({
  protected: z.string(),
  iv: z.string(),
  ciphertext: z.string(),
  tag: z.string(),
  recipients: z.array(z.object({ header: z.object({ alg: z.string(), kid: z.string() }).loose(), encrypted_key: z.string() })),
});

/**
 * Opens a message; undefined when it was not encrypted for a key of ours.
 * Throws PrivateMessageError `private-message-form` or `private-message-not-authentic`.
 */
export async function decryptOwn(keys: PrivateKeys, text: string): Promise<string | undefined> {
  const message = Message.safeParse(jsonOf(text));
  if (!message.success) throw new PrivateMessageError("private-message-form");
  for (const recipient of message.data.recipients) {
    const key = keys.own.get(recipient.header.kid);
    if (!key) continue;
    try {
      const { plaintext } = await generalDecrypt({ ...message.data, recipients: [recipient] }, key, {
        keyManagementAlgorithms: [algorithm],
        contentEncryptionAlgorithms: [encryption],
      });
      return new TextDecoder().decode(plaintext);
    } catch {
      throw new PrivateMessageError("private-message-not-authentic");
    }
  }
  return undefined;
}

async function keyOf(jwk: z.infer<typeof Public>): Promise<CryptoKey> {
  const key = await importJWK({ ...jwk, alg: algorithm });
  if (key instanceof Uint8Array) throw new PrivateMessageError("private-keys-unreadable");
  return key;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
