import { createHash } from "node:crypto";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Executor } from "./database.ts";
import { type Keys, openFile, sealFile } from "./personal-data.ts";
import { actorOf, type Principal } from "./principal.ts";

/** The most a stored file may weigh: evidence, uploads and error workbooks. */
export const maxFileBytes = 10_485_760;

export type NewFile = {
  region: string;
  householdId?: string;
  name: string;
  mediaType: string;
  content: Buffer;
  purpose: string;
  expiresOn?: string;
};
export type StoredFile = {
  id: string;
  region: string;
  householdId: string | null;
  name: string;
  mediaType: string;
  bytes: number;
  purpose: string;
  uploadedBy: string;
  content: Buffer;
};

/** Stores a file, encrypted under its own id, in the caller's transaction. @returns its id */
export async function putFile(tx: Executor, keys: Keys, principal: Principal, file: NewFile): Promise<string> {
  const id = uuidv7();
  await sql`insert into kit.file (id, region, household_id, name, media_type, bytes, sha256, content, purpose, uploaded_by, expires_on)
    values (${id}, ${file.region}, ${file.householdId ?? null}, ${file.name}, ${file.mediaType}, ${file.content.length},
      ${createHash("sha256").update(file.content).digest()}, ${sealFile(keys, id, file.content)}, ${file.purpose}, ${actorOf(principal)}, ${file.expiresOn ?? null})`.execute(
    tx,
  );
  return id;
}

/** A file of the caller's area, opened; undefined when there is none. */
export async function findFile(tx: Executor, keys: Keys, id: string): Promise<StoredFile | undefined> {
  const { rows } = await sql<{
    id: string;
    region: string;
    name: string;
    media_type: string;
    bytes: number;
    purpose: string;
    household_id: string | null;
    uploaded_by: string;
    content: Buffer;
  }>`
    select id, region, household_id, name, media_type, bytes, purpose, uploaded_by, content from kit.file where id = ${id}`.execute(
    tx,
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    id: row.id,
    region: row.region,
    name: row.name,
    mediaType: row.media_type,
    bytes: row.bytes,
    purpose: row.purpose,
    householdId: row.household_id,
    uploadedBy: row.uploaded_by,
    content: openFile(keys, id, row.content),
  };
}
