import { HouseholdId, PersonId, refuse } from "@shouwang/contract";
import { z } from "zod";
import { command } from "../kit.ts";
import { openIdentities } from "./identity-store.ts";
import { findHousehold, findPerson, membersOf } from "./store.ts";

const fields = ["name", "identityNumber", "phone"] as const;
const Asked = z.object({
  purpose: z.string().trim().min(4).max(120).describe("What it is needed for; recorded with it"),
  fields: z.array(z.enum(fields)).min(1).max(fields.length),
});
const Revealed = z.object({
  personId: z.string(),
  name: z.string().nullable().optional().describe("Null where it was not told, or is forgotten"),
  identityNumber: z.string().nullable().optional(),
  phone: z.string().nullable().optional(),
});
/** Offices that reach people: they record work, pay and call. */
const revealers = ["county-officer", "township-officer", "village-officer", "department-officer"] as const;

type Identity = { name: string | null; identityNumber: string | null; phone: string | null };
const unknown: Identity = { name: null, identityNumber: null, phone: null };
const shown = (personId: string, identity: Identity, asked: readonly (typeof fields)[number][]) => ({
  personId,
  ...Object.fromEntries(asked.map((field) => [field, identity[field]])),
});

export const revealPerson = command(
  {
    method: "post",
    operation: "reveal-person",
    path: "/persons/{personId}/reveal",
    summary: { zh: "查看个人信息原文(须说明用途,留痕)", en: "Reveal personal data: purpose stated, audited" },
    clauses: ["E-01"],
    allow: revealers,
    params: z.object({ personId: PersonId }),
    body: Asked,
    reply: Revealed,
    reveals: true,
    problems: ["person-not-found"],
  },
  async ({ tx, params: { personId }, body, keys }) => {
    const person = await findPerson(tx, personId);
    if (!person) return refuse("person-not-found");
    const opened = await openIdentities(tx, keys, [personId]);
    const about = { entity: "person", entityId: personId, region: person.region, clause: "E-01" };
    return {
      reply: shown(personId, opened.get(personId) ?? unknown, body.fields),
      audit: [{ action: "reveal-person", ...about, purpose: body.purpose, changed: { fields: body.fields } }],
    };
  },
);

export const revealHousehold = command(
  {
    method: "post",
    operation: "reveal-household",
    path: "/households/{householdId}/reveal",
    summary: { zh: "查看一户成员信息原文(须说明用途,留痕)", en: "Reveal a household's members: purpose stated, audited" },
    clauses: ["E-01"],
    allow: revealers,
    params: z.object({ householdId: HouseholdId }),
    body: Asked,
    reply: z.object({ householdId: z.string(), members: z.array(Revealed) }),
    reveals: true,
    problems: ["household-not-found"],
  },
  async ({ tx, params: { householdId }, body, keys }) => {
    const household = await findHousehold(tx, householdId);
    if (!household) return refuse("household-not-found");
    const ids = (await membersOf(tx, householdId)).map(({ id }) => id);
    const opened = await openIdentities(tx, keys, ids);
    const about = { region: household.region, clause: "E-01", purpose: body.purpose };
    const changed = { fields: body.fields };
    return {
      reply: { householdId, members: ids.map((id) => shown(id, opened.get(id) ?? unknown, body.fields)) },
      // Whoever asks who looked at a person finds it there, and not at the household alone.
      audit: [
        { action: "reveal-household", entity: "household", entityId: householdId, ...about, changed },
        ...ids.map((entityId) => ({ action: "reveal-person", entity: "person", entityId, ...about, changed })),
      ],
    };
  },
);
