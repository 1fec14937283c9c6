import type { MeasureCategory, Risk } from "@shouwang/contract";

/** One work record of a person, as the department that keeps it tells of it. */
export type WorkFacts = {
  channel: string | null;
  place: string | null;
  /** In the household's own county. */
  inCounty: boolean | null;
  /** Away: outside the county. */
  away: boolean;
  months: number | null;
  monthlyIncomeFen: number | null;
  employer: string | null;
  industry: string | null;
  pointToPoint: boolean | null;
};

export type PersonFacts = {
  personId: string;
  relation: string;
  sex: "male" | "female";
  age: number;
  schooling: string | null;
  education: string | null;
  dropoutReason: string | null;
  health: readonly string[];
  labourSkill: string;
  medicalInsurance: string | null;
  seriousIllnessInsurance: boolean | null;
  destitute: boolean;
  ableWorker: boolean;
  student: boolean;
  /** Work of this year; undefined while no department has told of any: rules about work then say nothing. */
  work?: readonly WorkFacts[];
  /** Has a training grant (Yulu); undefined while no department has told. */
  trainingGrant?: boolean;
};

/** Everything the rules look at in one household on a day. */
export type HouseholdFacts = {
  householdId: string;
  region: string;
  householdKind: "lifted-household" | "ordinary-household";
  monitored: boolean;
  guarantees: { schooling: boolean | null; medicalCare: boolean | null; housing: boolean | null; drinkingWater: boolean | null };
  safetyNetOnly: boolean;
  members: readonly PersonFacts[];
  /** The household's newest case that was included or is under way. */
  monitoredCase: {
    caseId: string;
    status: string;
    risks: readonly Risk[];
    disasterKind: string | null;
    monthsIncluded: number | null;
    clearedBy: "help" | "nature" | null;
  } | null;
  /** Kinds of help given since inclusion. */
  measures: readonly MeasureCategory[];
  /** The newest yearly income, or the one at clearance. */
  income: { wageFen: number; transferFen: number; until: string } | null;
  /** Self-paid medical cost of the last twelve months that a feed told of. */
  selfPaidFen: number;
};

export type RuleSettings = {
  /** Share of members able to work from which "lack of labour" is doubtful. */
  labourShare: { numerator: number; denominator: number };
  /** A yearly wage below this is doubtful. */
  wageLeastFen: number;
};

/** What a rule found: whose record, which field, and the two values that do not go together. Codes, ages and amounts; nothing that names anybody. */
export type Finding = {
  personId: string | null;
  field: string;
  value: string | number | boolean | null;
  otherField: string;
  otherValue: string | number | boolean | null;
};

export type SuspectRule = {
  /** Number in the list of data-quality rules; a letter where one number holds several. */
  code: string;
  clause: "M-01";
  /** error: refused at entry; what is in the registry all the same (older records) is a suspect like the others. */
  level: "error" | "suspect";
  fields: readonly string[];
  zh: string;
  en: string;
  check(facts: HouseholdFacts, settings: RuleSettings): Finding[];
};

/** A rule about each member by themselves. */
export const aboutPerson =
  (found: (person: PersonFacts, facts: HouseholdFacts) => Omit<Finding, "personId"> | undefined): SuspectRule["check"] =>
  (facts) =>
    facts.members.flatMap((person) => {
      const finding = found(person, facts);
      return finding ? [{ personId: person.personId, ...finding }] : [];
    });

/** A rule about the household as a whole. */
export const aboutHousehold =
  (found: (facts: HouseholdFacts, settings: RuleSettings) => Omit<Finding, "personId"> | undefined): SuspectRule["check"] =>
  (facts, settings) => {
    const finding = found(facts, settings);
    return finding ? [{ personId: null, ...finding }] : [];
  };

/** Two values that do not go together. */
export const pair = (
  field: string,
  value: Finding["value"],
  otherField: string,
  otherValue: Finding["otherValue"],
): Omit<Finding, "personId"> => ({ field, value, otherField, otherValue });

export const unableSkills: readonly string[] = ["weak", "lost", "none"];
export const isIll = (person: PersonFacts): boolean =>
  person.health.includes("chronic-illness") || person.health.includes("serious-illness");
