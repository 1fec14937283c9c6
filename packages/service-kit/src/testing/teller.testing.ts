import {
  CooperationAuditHeadPublished,
  CooperationDeadlineOverdue,
  CooperationIndicatorFrozen,
  CooperationParameterChanged,
  definePrivateEvent,
  SocialAuditHeadPublished,
  SocialDeadlineOverdue,
  SocialIndicatorFrozen,
  SocialParameterChanged,
} from "@shouwang/contract";
import { exportJWK, generateKeyPair } from "jose";
import { sql } from "kysely";
import { z } from "zod";
import { defineService, kitFor } from "../declare.ts";
import { type Keys, openRecord, sealRecord } from "../personal-data.ts";
import { owePrivately } from "../private-event.ts";
import { forgetPrivately } from "../private-message.ts";

export type TellerDb = Record<never, never>;
const { command, privateState, privateReader, slice } = kitFor<TellerDb>();

const id = "0190b2c4-0000-7000-8000-000000000001";
export const NameTold = definePrivateEvent(
  "social.test-person.named",
  1,
  z.object({ personId: z.uuid(), name: z.string().min(1) }),
  {
    title: { zh: "姓名", en: "Name" },
    clauses: [],
    entitled: ["cooperation", "funds"],
    example: { personId: id, name: "示例人甲" },
  },
);

export const NameForgotten = definePrivateEvent("social.test-person.forgotten", 1, z.object({ personId: z.uuid() }), {
  title: { zh: "已销毁", en: "Forgotten" },
  clauses: [],
  entitled: ["cooperation", "funds"],
  example: { personId: id },
});

const Secret = z.object({ name: z.string() });
const placeOf = (table: string, personId: string) => ({ table, id: personId });
const Region = z.string().regex(/^\d{12}$/);

const nameOne = command(
  {
    method: "post",
    operation: "name-test-person",
    path: "/people",
    summary: { zh: "登记姓名", en: "Record a name" },
    allow: ["county-officer"],
    body: z.object({ people: z.array(z.object({ personId: z.uuid(), name: z.string() })), region: Region }),
    reply: z.object({ people: z.int() }),
    problems: [],
  },
  async ({ tx, body: { people, region }, keys }) => {
    for (const { personId, name } of people)
      await sql`insert into teller.person (id, region, secret)
        values (${personId}, ${region}, ${sealRecord(keys, placeOf("teller.person", personId), { name })})
        on conflict (id) do update set secret = excluded.secret`.execute(tx);
    await owePrivately(
      tx,
      NameTold,
      people.map(({ personId }) => ({ id: personId, region })),
    );
    return { reply: { people: people.length } };
  },
);

const forgetOne = command(
  {
    method: "post",
    operation: "forget-test-person",
    path: "/people/{personId}/forgetting",
    summary: { zh: "销毁", en: "Forget a person" },
    allow: ["county-officer"],
    params: z.object({ personId: z.uuid() }),
    body: z.object({ region: Region }),
    reply: z.object({ messages: z.int() }),
    problems: [],
  },
  async ({ tx, params: { personId }, body: { region } }) => {
    await sql`delete from teller.person where id = ${personId}`.execute(tx);
    const messages = await forgetPrivately(tx, [NameTold], personId);
    await owePrivately(tx, NameForgotten, [{ id: personId, region }]);
    return { reply: { messages } };
  },
);

const forgotten = privateState(
  NameForgotten,
  async (_tx, _keys, ids) => new Map(ids.map((personId) => [personId, { personId }])),
);

const names = privateState(NameTold, async (tx, keys: Keys, ids) => {
  const { rows } = await sql<{
    id: string;
    secret: Buffer;
  }>`select id, secret from teller.person where id = any(${ids}::uuid[])`.execute(tx);
  return new Map(
    rows.map((row) => [
      row.id,
      { personId: row.id, name: openRecord(keys, placeOf("teller.person", row.id), row.secret, Secret).name },
    ]),
  );
});

/** A department that tells names. */
export const teller = defineService<TellerDb>({
  name: "social",
  title: { zh: "测试告知", en: "Test teller" },
  migrations: new URL("./teller-migrations/", import.meta.url),
  deadlineOverdue: SocialDeadlineOverdue,
  auditHead: SocialAuditHeadPublished,
  parameterChanged: SocialParameterChanged,
  indicatorFrozen: SocialIndicatorFrozen,
  slices: [
    slice({
      name: "teller",
      title: { zh: "告知", en: "Teller" },
      routes: [nameOne, forgetOne],
      privateStates: [names, forgotten],
    }),
  ],
});

/** A mistake in the listener's code that a test can plant and mend. */
export const deafness: { name: string | undefined } = { name: undefined };

const hear = privateReader({
  name: "test-names",
  events: [NameTold, NameForgotten],
  apply: async (tx, { definition, data, envelope }, keys) => {
    if (definition.type === NameForgotten.type) {
      await sql`delete from listener.person where id = ${NameForgotten.schema.parse(data).personId}`.execute(tx);
      return [];
    }
    const { personId, name } = NameTold.schema.parse(data);
    if (name === deafness.name) throw new RangeError(`cannot hear ${name}`);
    const secret = sealRecord(keys, placeOf("listener.person", personId), { name });
    await sql`insert into listener.person as p (id, secret, version, told) values (${personId}, ${secret}, ${Number(envelope.sequence)}, 1)
      on conflict (id) do update set secret = excluded.secret, version = excluded.version, told = p.told + 1`.execute(tx);
    return [];
  },
});

/** A department that is entitled to them. */
export const listener = defineService<TellerDb>({
  name: "cooperation",
  title: { zh: "测试聆听", en: "Test listener" },
  migrations: new URL("./listener-migrations/", import.meta.url),
  deadlineOverdue: CooperationDeadlineOverdue,
  auditHead: CooperationAuditHeadPublished,
  parameterChanged: CooperationParameterChanged,
  indicatorFrozen: CooperationIndicatorFrozen,
  slices: [slice({ name: "listener", title: { zh: "聆听", en: "Listener" }, readers: [hear] })],
});

/** The name a listener keeps of a person, opened with its keys. */
export const heardName = (keys: Keys, personId: string, secret: Buffer): string =>
  openRecord(keys, placeOf("listener.person", personId), secret, Secret).name;

/** A department's key pair for private messages, as JWK. */
export async function privateKeyPair(kid: string) {
  const pair = await generateKeyPair("ECDH-ES+A256KW", { crv: "X25519", extractable: true });
  return { secret: { ...(await exportJWK(pair.privateKey)), kid }, open: { ...(await exportJWK(pair.publicKey)), kid } };
}
