import {
  IndustryAuditHeadPublished,
  IndustryDeadlineOverdue,
  IndustryIndicatorFrozen,
  IndustryParameterChanged,
  refuse,
} from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { defineService, kitFor } from "../declare.ts";
import { putFile } from "../file.ts";
import { everyone } from "../offices.ts";
import { blindIndex, openRecord, sealRecord } from "../personal-data.ts";

export type VaultDb = Record<never, never>;
const { command, query, slice } = kitFor<VaultDb>();

const Secret = z.object({ name: z.string(), identityNumber: z.string() });
const placeOf = (id: string) => ({ table: "vault.person", id });
const PersonPath = z.object({ personId: z.uuid() });

const keepPerson = command(
  {
    method: "post",
    operation: "keep-test-person",
    path: "/people",
    summary: { zh: "登记", en: "Keep a person" },
    allow: ["county-officer"],
    body: Secret.extend({ region: z.string() }),
    reply: z.object({ personId: z.string() }),
    status: 201,
    problems: [],
  },
  async ({ tx, body, keys }) => {
    const personId = uuidv7();
    const { region, ...secret } = body;
    await sql`insert into vault.person (id, region, secret, number_index)
      values (${personId}, ${region}, ${sealRecord(keys, placeOf(personId), secret)}, ${blindIndex(keys, "identity-number", secret.identityNumber)})`.execute(
      tx,
    );
    return { reply: { personId } };
  },
);

const revealPerson = command(
  {
    method: "post",
    operation: "reveal-test-person",
    path: "/people/{personId}/reveal",
    summary: { zh: "查看明文", en: "Reveal a person" },
    allow: ["county-officer"],
    params: PersonPath,
    reply: Secret,
    reveals: true,
    problems: ["not-found"],
  },
  async ({ tx, params, keys }) => {
    const { rows } = await sql<{
      secret: Buffer;
      region: string;
    }>`select secret, region from vault.person where id = ${params.personId}`.execute(tx);
    const row = rows[0];
    if (!row) return refuse("not-found");
    return {
      reply: openRecord(keys, placeOf(params.personId), row.secret, Secret),
      audit: [{ action: "reveal", entity: "test-person", entityId: params.personId, region: row.region }],
    };
  },
);

const findPerson = query(
  {
    operation: "find-test-person",
    path: "/people/search",
    summary: { zh: "按证件号查找", en: "Find by number" },
    allow: everyone,
    body: z.object({ identityNumber: z.string() }),
    reply: z.object({ personId: z.string().nullable() }),
    problems: [],
  },
  async ({ tx, body, keys }) => {
    const index = blindIndex(keys, "identity-number", body.identityNumber);
    const { rows } = await sql<{ id: string }>`select id from vault.person where number_index = ${index}`.execute(tx);
    return { reply: { personId: rows[0]?.id ?? null } };
  },
);

const keepFile = command(
  {
    method: "post",
    operation: "keep-test-evidence",
    path: "/evidence",
    summary: { zh: "上传", en: "Upload" },
    allow: ["county-officer"],
    body: z.object({ region: z.string() }),
    upload: true,
    reply: z.object({ fileId: z.string() }),
    status: 201,
    problems: ["malformed-request"],
  },
  async ({ tx, keys, actor, body, upload }) => {
    if (!upload) return refuse("malformed-request");
    return { reply: { fileId: await putFile(tx, keys, actor, { ...upload, region: body.region, purpose: "evidence" }) } };
  },
);

/** A department that seals, reveals, searches and stores. */
export const vault = defineService<VaultDb>({
  name: "industry",
  title: { zh: "测试库房", en: "Test vault" },
  migrations: new URL("./vault-migrations/", import.meta.url),
  deadlineOverdue: IndustryDeadlineOverdue,
  auditHead: IndustryAuditHeadPublished,
  parameterChanged: IndustryParameterChanged,
  indicatorFrozen: IndustryIndicatorFrozen,
  slices: [
    slice({ name: "vault", title: { zh: "库房", en: "Vault" }, routes: [keepPerson, revealPerson, findPerson, keepFile] }),
  ],
  sealed: [{ table: "vault.person", id: "id", column: "secret", kind: "record" }],
  unsealed: [{ table: "vault.person", column: "number_index", because: "keyed index of the identity number" }],
});
