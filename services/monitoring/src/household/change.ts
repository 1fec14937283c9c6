import { HouseholdChanged, PersonId, refuse } from "@shouwang/contract";
import { everyone } from "@shouwang/service-kit";
import { z } from "zod";
import { checkProof } from "../guarantee-problem/decide.ts";
import { openGuarantees } from "../guarantee-problem/store.ts";
import { command, query } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { mayChange, SourceEntry, sourceOf } from "./change-source.ts";
import { GuaranteesEntry, HouseholdPath, registrars } from "./entry.ts";
import { revealPerson } from "./person-store.ts";
import { changesOf, findHousehold, type Household, lockHousehold, saveHousehold, stateOf } from "./store.ts";
import { HouseholdView, viewOf } from "./views.ts";

export const changeHousehold = command(
  {
    method: "patch",
    operation: "change-household",
    path: "/households/{householdId}",
    summary: { zh: "变更农户信息(注明来源)", en: "Change a household, naming the source" },
    clauses: ["M-01"],
    allow: registrars,
    params: HouseholdPath,
    body: z.object({
      hamlet: z.string().max(40).optional(),
      householdNo: z.string().max(40).optional(),
      guarantees: GuaranteesEntry.partial()
        .optional()
        .describe('Where a problem is open, anything but "not met" needs the document that proves it'),
      lowIncome: z.boolean().optional(),
      safetyNetOnly: z.boolean().optional(),
      ...SourceEntry,
    }),
    reply: HouseholdView,
    ifMatch: true,
    problems: ["household-not-found", "version-mismatch", "household-not-active", "household-moving", "invalid-input"],
  },
  async ({ tx, params, body, actor, now, expectedVersion }) => {
    const before = await lockHousehold(tx, params.householdId);
    const no = await mayChange(tx, before, expectedVersion, "record");
    if (no || !before) return no ?? refuse("household-not-found");
    const unproved =
      body.guarantees && checkProof(await openGuarantees(tx, [before.id]), { values: body.guarantees, document: body.document });
    if (unproved) return unproved;
    const guarantees = { ...before.guarantees };
    for (const key of ["schooling", "medicalCare", "housing", "drinkingWater"] as const) {
      const value = body.guarantees?.[key];
      if (value !== undefined) guarantees[key] = value;
    }
    const after: Household = {
      ...before,
      guarantees,
      hamlet: body.hamlet ?? before.hamlet,
      householdNo: body.householdNo ?? before.householdNo,
      lowIncome: body.lowIncome ?? before.lowIncome,
      safetyNetOnly: body.safetyNetOnly ?? before.safetyNetOnly,
      version: before.version + 1,
    };
    await saveHousehold(tx, before, after, sourceOf(body, { actor, now }));
    await checkEntry(tx, after, now);
    return {
      reply: viewOf(after),
      events: [HouseholdChanged.of(after.id, after.version, after.region, stateOf(after))],
    };
  },
);

export const householdHistory = query(
  {
    operation: "household-history",
    path: "/households/{householdId}/history",
    summary: { zh: "农户变更记录", en: "What changed of a household, when and from which source" },
    clauses: ["M-01"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({
      items: z.array(
        z.object({ version: z.int(), changed: z.unknown(), source: z.string(), document: z.string().nullable(), at: z.string() }),
      ),
    }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    return {
      reply: { items: (await changesOf(tx, params.householdId)).map((change) => ({ ...change, at: change.at.toISOString() })) },
    };
  },
);

export const revealPersonRoute = command(
  {
    method: "post",
    operation: "reveal-person",
    path: "/persons/{personId}/reveal",
    summary: { zh: "查看个人信息原文(须说明用途,留痕)", en: "Reveal personal data: purpose stated, audited" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: z.object({ personId: PersonId }),
    body: z.object({
      purpose: z.string().trim().min(4).max(120),
      fields: z.array(z.enum(["name", "identityNumber", "phone"])).min(1),
    }),
    reply: z.object({
      personId: z.string(),
      name: z.string().optional(),
      identityNumber: z.string().optional(),
      phone: z.string().optional(),
    }),
    reveals: true,
    problems: ["not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const found = await revealPerson(tx, keys, params.personId);
    if (!found) return refuse("not-found");
    const shown = Object.fromEntries(body.fields.map((field) => [field, found.secret[field]]));
    return {
      reply: { personId: params.personId, ...shown },
      audit: [
        {
          action: "reveal-person",
          entity: "person",
          entityId: params.personId,
          region: found.region,
          clause: "M-01",
          purpose: body.purpose,
          changed: { fields: body.fields },
        },
      ],
    };
  },
);
