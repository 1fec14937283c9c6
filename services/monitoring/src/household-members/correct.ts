import { HouseholdChanged, PersonChanged, PersonId, Refusal, refuse } from "@shouwang/contract";
import { checkIdentityNumber, checkMobile, sealRecord } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { mayChange, RelationsEntry, SourceEntry, sourceOf } from "../household/change-source.ts";
import { DropoutReason, Education, HealthState, LabourSkill, MedicalInsurance, Schooling } from "../household/code-lists.ts";
import { abilityOf } from "../household/decide.ts";
import { HouseholdPath, registrars } from "../household/entry.ts";
import { membersOf, type Person, type PersonSecret, personStateOf, revealPerson } from "../household/person-store.ts";
import { countsOf, refuseErrors, rosterErrors } from "../household/roster-decide.ts";
import { lockInOrder, lockMembers, saveCounts, savePeople, savePerson } from "../household/roster-store.ts";
import { stateOf } from "../household/store.ts";
import { HouseholdWithMembers, MemberView, memberView, viewOf } from "../household/views.ts";
import { command } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { type Identity, placeOfChange, saveIdentity } from "./correct-store.ts";
import { underHead } from "./decide.ts";
import { lockMembership } from "./membership.ts";

export const correctPerson = command(
  {
    method: "patch",
    operation: "correct-person",
    path: "/persons/{personId}",
    summary: { zh: "更正或更新人员信息(注明来源)", en: "Correct or update a person, naming the source" },
    clauses: ["M-01"],
    allow: registrars,
    params: z.object({ personId: PersonId }),
    body: z.object({
      name: z.string().trim().min(2).max(40).optional(),
      identityNumber: z.string().min(15).max(40).optional().describe("The right number of the same person; it needs a document"),
      phone: z.string().max(20).nullable().optional(),
      schooling: Schooling.nullable().optional(),
      health: z.array(HealthState).min(1).max(4).optional(),
      labourSkill: LabourSkill.optional(),
      medicalInsurance: MedicalInsurance.nullable().optional(),
      education: Education.nullable().optional(),
      dropoutReason: DropoutReason.nullable().optional(),
      seriousIllnessInsurance: z.boolean().nullable().optional(),
      destitute: z.boolean().optional(),
      ...SourceEntry,
    }),
    reply: MemberView,
    ifMatch: true,
    problems: [
      "person-not-found",
      "person-not-member",
      "household-moving",
      "version-mismatch",
      "invalid-input",
      "person-registered-elsewhere",
    ],
  },
  async ({ tx, params, body, actor, keys, now, today, expectedVersion }) => {
    const held = await lockMembership(tx, params.personId, expectedVersion);
    if (held instanceof Refusal) return held;
    const { person: before, household, members } = held;

    const identity = body.identityNumber === undefined ? undefined : checkIdentityNumber(body.identityNumber, today);
    if (identity?.ok === false)
      return refuse("invalid-input", {
        errors: [{ pointer: "/identityNumber", rule: identity.rule, zh: identity.zh, en: identity.en, clause: "M-01" }],
      });
    if (identity && body.document === undefined)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/document",
            rule: "document-for-number",
            zh: "更正证件号码须注明依据文件",
            en: "A corrected number needs its document",
            clause: "M-01",
          },
        ],
      });
    const phone = typeof body.phone === "string" ? checkMobile(body.phone) : undefined;
    if (phone?.ok === false)
      return refuse("invalid-input", { errors: [{ pointer: "/phone", rule: phone.rule, zh: phone.zh, en: phone.en }] });

    const person: Person = {
      ...before,
      sex: identity?.sex ?? before.sex,
      birthDate: identity?.birthDate ?? before.birthDate,
      schooling: body.schooling === undefined ? before.schooling : body.schooling,
      health: body.health ?? before.health,
      labourSkill: body.labourSkill ?? before.labourSkill,
      medicalInsurance: body.medicalInsurance === undefined ? before.medicalInsurance : body.medicalInsurance,
      education: body.education === undefined ? before.education : body.education,
      dropoutReason: body.dropoutReason === undefined ? before.dropoutReason : body.dropoutReason,
      seriousIllnessInsurance:
        body.seriousIllnessInsurance === undefined ? before.seriousIllnessInsurance : body.seriousIllnessInsurance,
      destitute: body.destitute ?? before.destitute,
      version: before.version + 1,
    };
    const after: Person = { ...person, ...abilityOf(person, person.birthDate, today) };
    const roster = members.map((member) => (member.id === after.id ? after : member));
    if (identity) {
      const wrong = refuseErrors(rosterErrors(roster, "/identityNumber", () => "/identityNumber"));
      if (wrong) return wrong;
    }
    const given = { ...sourceOf(body, { actor, now }), because: "corrected", on: today };
    const fields = ["name", "identityNumber", "phone"] as const;
    let sealed: { id: string; secret: Buffer } | undefined;
    if (fields.some((field) => body[field] !== undefined)) {
      const old = await revealPerson(tx, keys, before.id);
      if (!old) return refuse("person-not-found");
      const { phone: oldPhone, ...rest } = old.secret;
      const newPhone = body.phone === undefined ? oldPhone : (body.phone ?? undefined);
      const secret: PersonSecret = {
        name: body.name ?? rest.name,
        identityNumber: identity?.value ?? rest.identityNumber,
        ...(newPhone === undefined ? {} : { phone: newPhone }),
      };
      const right: Identity | undefined = identity;
      if (!(await saveIdentity(tx, keys, before, secret, right))) return refuse("person-registered-elsewhere");
      const changed = fields.filter((field) => old.secret[field] !== secret[field]);
      const id = uuidv7();
      const told = changed.map((field) => [field, { from: old.secret[field] ?? null, to: secret[field] ?? null }]);
      sealed = { id, secret: sealRecord(keys, placeOfChange(id), { changed: Object.fromEntries(told) }) };
    }
    await savePerson(tx, before, after, given, sealed);
    const events = [PersonChanged.of(after.id, after.version, after.region, personStateOf(after))];
    const counts = countsOf(roster);
    const counted = counts.ableWorkers === household.ableWorkers ? household : await saveCounts(tx, household, counts, given);
    await checkEntry(tx, counted, now);
    const saved = (await membersOf(tx, household.id)).find((member) => member.id === after.id) ?? after;
    return {
      reply: memberView(saved),
      events: [
        ...events,
        ...(counted === household ? [] : [HouseholdChanged.of(counted.id, counted.version, counted.region, stateOf(counted))]),
      ],
    };
  },
);

export const changeHead = command(
  {
    method: "post",
    operation: "change-head",
    path: "/households/{householdId}/head",
    summary: { zh: "变更户主(逐人填写与新户主关系)", en: "Change the head: everybody's relation is stated anew" },
    clauses: ["M-01"],
    allow: registrars,
    params: HouseholdPath,
    body: z.object({ relations: RelationsEntry.min(1), ...SourceEntry }),
    reply: HouseholdWithMembers,
    ifMatch: true,
    problems: ["household-not-found", "household-not-active", "household-moving", "version-mismatch", "invalid-input"],
  },
  async ({ tx, params, body, actor, now, today, expectedVersion }) => {
    const household = (await lockInOrder(tx, [params.householdId])).get(params.householdId);
    const no = await mayChange(tx, household, expectedVersion, "record");
    if (no || !household) return no ?? refuse("household-not-found");
    const members = await lockMembers(tx, [household.id]);
    const after = underHead(members, body.relations);
    if (after instanceof Refusal) return after;
    const given = { ...sourceOf(body, { actor, now }), because: "head-changed", on: today };
    const changes = members.flatMap((before, index) => {
      const changed = after[index];
      return changed ? [{ before, after: changed }] : [];
    });
    const saved = await savePeople(tx, changes, given);
    const changed = await saveCounts(tx, household, countsOf(after), given);
    await checkEntry(tx, changed, now);
    return {
      reply: { ...viewOf(changed), members: (await membersOf(tx, changed.id)).map(memberView) },
      events: [
        ...saved.map((change) =>
          PersonChanged.of(change.after.id, change.after.version, change.after.region, personStateOf(change.after)),
        ),
        HouseholdChanged.of(changed.id, changed.version, changed.region, stateOf(changed)),
      ],
    };
  },
);
