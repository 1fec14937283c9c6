import type { Reason } from "@shouwang/contract";
import { isEntitled } from "./decide.ts";

/** One thing a rule found: for a payment, against it, not to be paid yet, or left to people; and why. */
export type Finding = { verdict: "for" | "against" | "waits" | "people"; reason: Reason };
/** A value in force with the document that set it. */
export type InForce<T> = { value: T; document: string };

/** Findings of one clause. */
export const findingOf =
  (clause: string) =>
  (
    verdict: Finding["verdict"],
    code: string,
    zh: string,
    en: string,
    more: Partial<Pick<Reason, "parameter" | "document" | "facts">> = {},
  ): Finding => ({ verdict, reason: { code, clause, zh, en, ...more } });

const order = { against: 0, waits: 1, people: 2, for: 3 };

/** What all findings come to, with the reasons against first: everything against is said, not only the first. */
export function concluded(findings: readonly Finding[]) {
  const has = (verdict: Finding["verdict"]) => findings.some((one) => one.verdict === verdict);
  const outcome = has("against") ? "not-eligible" : has("waits") ? "waiting" : has("people") ? "by-decision" : "eligible";
  const reasons = findings.toSorted((a, b) => order[a.verdict] - order[b.verdict]).map(({ reason }) => reason);
  return { outcome, reasons } as const;
}

/** Money as a reason says it. */
export const yuan = (fen: number): string => (fen / 100).toFixed(2);

/** Who the person was on the date that counts, as a claim keeps it. */
export type WhoFacts = {
  householdKind: "lifted" | "never-poor";
  monitored: boolean;
  cleared: boolean;
  /** The day lies before the first record of the household, and the first is taken to have held already. */
  statusAssumed: boolean;
  age: number | null;
  numberVerified: boolean;
  /** Day on which this was read. */
  asOf: string;
  /** Whoever it is for has moved away since, and what was read before that holds. */
  movedSince: boolean;
};
export type WhoRules = { ageMin: InForce<number>; ageMax: InForce<number | null>; afterClearance: InForce<boolean> };

/** E-02, E-09: whether the person is one of those the subsidy is for, on the date that counts. */
export function whoFindings(clause: string, on: string, facts: WhoFacts, rules: WhoRules): Finding[] {
  const finding = findingOf(clause);
  return [
    householdFinding(clause, on, facts, rules),
    ...(facts.movedSince
      ? [finding("for", "moved-since", `本人已迁出,按${facts.asOf}的记录认定`, `Moved away since; as recorded on ${facts.asOf}`)]
      : []),
    ageFinding(clause, facts.age, rules),
    ...(facts.numberVerified
      ? []
      : [
          finding(
            "waits",
            "number-not-verified",
            "身份号码未核验,核验前不发放",
            "The identity number is not verified; nothing is paid before it is",
          ),
        ]),
  ];
}

function householdFinding(clause: string, on: string, facts: WhoFacts, { afterClearance }: WhoRules): Finding {
  const { householdKind, monitored, cleared } = facts;
  const lifted = householdKind === "lifted";
  const entitled = isEntitled({ lifted, monitored, cleared }, afterClearance.value);
  const zh = [lifted ? "脱贫户" : "非脱贫户", monitored ? "监测对象" : cleared ? "风险已消除" : ""].filter(Boolean).join("、");
  const en = [lifted ? "lifted" : "never poor", monitored ? "monitored" : cleared ? "risk cleared" : ""]
    .filter(Boolean)
    .join(", ");
  const assumed = facts.statusAssumed
    ? { zh: "(此前无记录,按最早记录认定)", en: " (by the earliest record)" }
    : { zh: "", en: "" };
  return findingOf(clause)(
    entitled ? "for" : "against",
    entitled ? "entitled-household" : "not-entitled-household",
    `${on}当日:${zh}${assumed.zh}`,
    `On ${on}: ${en}${assumed.en}`,
    {
      facts: [{ name: { zh: "认定日期", en: "Date that counts" }, value: on, source: "monitoring" }],
      ...(cleared ? { parameter: "eligibility.afterClearance", document: afterClearance.document } : {}),
    },
  );
}

function ageFinding(clause: string, age: number | null, { ageMin, ageMax }: WhoRules): Finding {
  const finding = findingOf(clause);
  if (age === null)
    return finding("for", "age-not-known", "尚无出生日期,未核对年龄", "The birth date is not known yet; the age was not checked");
  const tooYoung = age < ageMin.value;
  const tooOld = ageMax.value !== null && age > ageMax.value;
  const limit =
    ageMax.value === null
      ? { zh: ",不设上限", en: ", no upper limit" }
      : { zh: `至${ageMax.value}周岁`, en: ` to ${ageMax.value}` };
  return finding(
    tooYoung || tooOld ? "against" : "for",
    tooYoung ? "too-young" : tooOld ? "too-old" : "of-working-age",
    `当日${age}周岁;劳动年龄满${ageMin.value}周岁${limit.zh}`,
    `${age} years old; working age is from ${ageMin.value}${limit.en}`,
    { parameter: tooOld ? "labour.ageMax" : "labour.ageMin", document: tooOld ? ageMax.document : ageMin.document },
  );
}
