import { createHash } from "node:crypto";
import type { Department } from "@shouwang/contract";
import { toRegionCode } from "@shouwang/regions";
import {
  type BusinessDate,
  blindIndex,
  businessDate,
  type Keys,
  maskIdentityNumber,
  maskName,
  maskPhone,
  parameterFor,
  type Tx,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { noteDuplicates } from "../duplicate/store.ts";
import { keepGuaranteeProblems } from "../guarantee-problem/store.ts";
import type { Household } from "../household/store.ts";
import { examine, isDecided } from "./decide.ts";
import type { Finding, RuleSettings } from "./facts-decide.ts";
import { loadFacts } from "./facts-store.ts";
import { type FoundValue, insertSuspects, type Suspect, saveFound, suspectsOf } from "./store.ts";

/** The settings of the rules in force for a county. */
async function settingsFor(tx: Tx<DB>, region: string, today: BusinessDate): Promise<RuleSettings> {
  const county = toRegionCode(region.slice(0, 6));
  const share = await parameterFor(tx, "suspect.labourShare", county, today);
  const wage = await parameterFor(tx, "suspect.wageLeast", county, today);
  return { labourShare: share.value, wageLeastFen: wage.value };
}

type Raised = Pick<
  Suspect,
  "householdId" | "region" | "personId" | "ruleCode" | "field" | "found" | "fingerprint" | "raisedBy"
> & {
  id?: string;
};

const keyOf = (suspect: Pick<Suspect, "householdId" | "personId" | "ruleCode" | "field">): string =>
  [suspect.householdId, suspect.ruleCode, suspect.personId ?? "", suspect.field].join(" ");

const made = (raised: Raised, now: Date): Suspect => ({
  ...raised,
  id: raised.id ?? uuidv7(),
  status: "new",
  outcome: null,
  because: null,
  fileId: null,
  assignedTo: null,
  round: 1,
  openedAt: now,
  vanishedAt: null,
  closedOn: null,
  expiresOn: null,
  version: 1,
});

/**
 * Brings the suspects of some households in line with what was found: new ones are opened, unless somebody has decided on the same values and that decision
 * holds; open ones take the present values. `swept` are open ones looked for and not found: they are marked, never closed by themselves.
 */
async function reconcile(
  tx: Tx<DB>,
  found: readonly Raised[],
  present: readonly Suspect[],
  given: { now: Date; swept: (suspect: Suspect) => boolean },
): Promise<{ raised: number; known: number; vanished: number }> {
  const today = businessDate(given.now);
  const open = new Map(present.filter(({ status }) => status !== "closed").map((suspect) => [keyOf(suspect), suspect]));
  const decisions = Map.groupBy(
    present.filter(({ status }) => status === "closed"),
    keyOf,
  );
  const fresh: Suspect[] = [];
  for (const one of found) {
    const key = keyOf(one);
    const already = open.get(key);
    if (already) {
      if (!already.fingerprint.equals(one.fingerprint) || already.vanishedAt)
        await saveFound(tx, { id: already.id, found: one.found, fingerprint: one.fingerprint, vanishedAt: null });
      continue;
    }
    const decided = (decisions.get(key) ?? []).some((decision) =>
      isDecided({ ...decision, sameValues: decision.fingerprint.equals(one.fingerprint) }, today),
    );
    if (!decided) fresh.push(made(one, given.now));
  }
  const raised = await insertSuspects(tx, fresh);
  const foundKeys = new Set(found.map(keyOf));
  const gone = [...open.values()].filter(
    (suspect) => !foundKeys.has(keyOf(suspect)) && suspect.vanishedAt === null && given.swept(suspect),
  );
  for (const suspect of gone) await saveFound(tx, { ...suspect, vanishedAt: given.now });
  return { raised: raised.size, known: found.length - raised.size, vanished: gone.length };
}

/** The values a rule of our own compared: codes, ages and amounts, all of the registry's. */
function foundBy(finding: Finding, day: BusinessDate): Pick<Raised, "found" | "fingerprint"> {
  const value = (field: string, of: Finding["value"]): FoundValue => ({
    field,
    value: of,
    source: "registry",
    department: "monitoring",
    date: day,
  });
  return {
    found: [value(finding.field, finding.value), value(finding.otherField, finding.otherValue)],
    fingerprint: createHash("sha256")
      .update(JSON.stringify([finding.field, finding.value, finding.otherField, finding.otherValue]))
      .digest(),
  };
}

/**
 * Looks over some households after a change of them, or in a sweep: every rule is applied and their suspects brought in line, guarantee problems open and
 * close with what their rows say, and records that may be one with another are noted.
 */
export async function checkHouseholds(
  tx: Tx<DB>,
  householdIds: readonly string[],
  now: Date,
): Promise<{ raised: number; known: number; vanished: number }> {
  const today = businessDate(now);
  await keepGuaranteeProblems(tx, householdIds, now, today);
  await noteDuplicates(tx, householdIds, now);
  const facts = await loadFacts(tx, householdIds, today);
  const settings = new Map<string, RuleSettings>();
  for (const county of new Set(facts.map(({ region }) => region.slice(0, 6))))
    settings.set(county, await settingsFor(tx, county.padEnd(12, "0"), today));
  const found = facts.flatMap((household) => {
    const inForce = settings.get(household.region.slice(0, 6));
    if (!inForce) throw new Error("a county without settings");
    return examine(household, inForce).map(({ rule, finding }) => ({
      householdId: household.householdId,
      region: household.region,
      personId: finding.personId,
      ruleCode: rule.code,
      field: finding.field,
      raisedBy: "monitoring",
      ...foundBy(finding, today),
    }));
  });
  const present = await suspectsOf(tx, householdIds);
  return await reconcile(tx, found, present, { now, swept: (suspect) => suspect.raisedBy === "monitoring" });
}

/** The entry checks on a household that was registered or changed, in the same transaction; the caller holds it. */
export async function checkEntry(tx: Tx<DB>, household: Pick<Household, "id">, now: Date): Promise<void> {
  await checkHouseholds(tx, [household.id], now);
}

/** A value as a department's data or the registry give it. `personal` values are masked before they are kept, and compared by a keyed index. */
type ComparedValue = Omit<FoundValue, "value"> & {
  value: FoundValue["value"];
  personal?: "name" | "identityNumber" | "phone";
};

export type Mismatch = {
  /** Comparison that found it, a stable code: `civil-affairs-low-income`. */
  ruleCode: string;
  householdId: string;
  region: string;
  personId: string | null;
  field: string;
  /** The registry's value and the other source's. */
  values: readonly [ComparedValue, ComparedValue];
  /** Whoever compared: a department of the platform, or one that sent a list. */
  raisedBy: Department | string;
  /** Id under which another department's event raised it. */
  suspectId?: string;
};

const masks = { name: maskName, identityNumber: maskIdentityNumber, phone: maskPhone };
const masked = ({ personal, value, ...rest }: ComparedValue): FoundValue => ({
  ...rest,
  value: personal && typeof value === "string" ? masks[personal](value) : value,
});

/**
 * Opens a suspect for a value that differs between the registry and another source: both values, both sources, both dates. The registry's value stays as it
 * is. An open suspect about the same takes the present values; what was decided on the same values is not asked again until the decision expires. The caller
 * holds the household, or a lock that keeps two comparisons of it apart.
 * @returns whether a suspect was opened
 */
export async function raiseSuspect(tx: Tx<DB>, keys: Keys, mismatch: Mismatch, now: Date): Promise<boolean> {
  const { suspectId, values, ...about } = mismatch;
  const raised: Raised = {
    ...about,
    ...(suspectId === undefined ? {} : { id: suspectId }),
    found: values.map(masked),
    fingerprint: blindIndex(keys, "suspect-values", JSON.stringify(values.map(({ field, value }) => [field, value]))),
  };
  const present = (await suspectsOf(tx, [about.householdId])).filter((suspect) => keyOf(suspect) === keyOf(raised));
  const outcome = await reconcile(tx, [raised], present, { now, swept: () => false });
  return outcome.raised > 0;
}

/**
 * Opens a suspect that another department raised about a record of its own, under the id that it gave it. Each record and rule is a suspect of its own, and none comes
 * twice. The caller holds the household.
 */
export async function raiseTold(
  tx: Tx<DB>,
  told: { suspectId: string; ruleCode: string; about: string; aboutId: string; householdId: string; region: string } & Pick<
    Raised,
    "personId" | "raisedBy"
  >,
  value: FoundValue,
  now: Date,
): Promise<void> {
  const { suspectId: id, ruleCode, about, aboutId, householdId, region, personId, raisedBy } = told;
  const fingerprint = createHash("sha256").update(`${ruleCode} ${about} ${aboutId}`).digest();
  // Two records of one person under one rule are two suspects: the record is part of what it is about.
  const field = `${about}/${aboutId}`;
  await insertSuspects(tx, [
    made({ id, householdId, region, personId, ruleCode, field, found: [value], fingerprint, raisedBy }, now),
  ]);
}
