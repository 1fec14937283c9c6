import { divisionsUnder } from "@shouwang/regions";
import { type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";
import { makeIdentityNumber } from "@shouwang/service-kit/identity";
import type { LabourSkill, Relation, Schooling } from "../household/code-lists.ts";
import type { MemberEntry } from "../household/decide.ts";

/** A made-up household of the demonstration. Numbers carry the division 4599xx, which does not exist: nobody can take one for real. */
export type SyntheticHousehold = {
  n: number;
  region: string;
  householdNo: string;
  householdKind: "lifted-household" | "ordinary-household";
  guarantees: { schooling: boolean | null; medicalCare: boolean | null; housing: boolean | null; drinkingWater: boolean | null };
  lowIncome: boolean;
  relocated: boolean;
  members: MemberEntry[];
  income2021: { wageFen: number; businessFen: number; propertyFen: number; transferFen: number; businessCostFen: number };
};

const surnames = "韦覃黄莫陆蓝罗梁李农陈潘卢蒙唐谭何周杨石".split("");
const given = "春秀丽芳军明强华伟梅兰英桂清文福勇玉德生金海燕红平志国荣美凤".split("");

/** The demonstration's own village gets a full registry; its people are the ones the tour meets. */
const demoVillage = "451228101201";
export const demoHouseholds = 60;
/** Sign-in of the demonstration's grid worker, who goes round these households. */
export const demoGridWorker = `u-grid-${demoVillage}`;
const firstYear = 2022;

const villages = divisionsUnder("45", "village").map((division) => division.code as string);

/** Numbers that look random and are the same at every run: an integer hash (xorshift-multiply) of the household and a place in its life. */
function dice(n: number, place: number): number {
  let x = (n * 0x9e3779b1 + place * 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0;
  return (x ^ (x >>> 15)) >>> 0;
}
const below = (n: number, place: number, limit: number): number => dice(n, place) % limit;
const pick = <T>(list: readonly T[], n: number, place: number): T => {
  const chosen = list[below(n, place, list.length)];
  if (chosen === undefined) throw new Error("an empty list has nothing to pick");
  return chosen;
};

/** Spreads n households evenly over all villages, and so over all counties, after the demonstration's own village. */
const villageOf = (n: number): string =>
  n < demoHouseholds
    ? demoVillage
    : (villages[Math.floor(((n * 7919) % villages.length) + villages.length) % villages.length] ?? demoVillage);

const membersMost = 7;

/** A number nobody has: each (prefix, serial) pair returns after 50,000 people, with another day of birth. */
function numberFor(person: number, age: number, sex: "male" | "female"): string {
  const generation = Math.floor(person / 50_000);
  const day = 1 + ((generation * 3 + (person % 89)) % 28);
  const month = 1 + ((Math.floor(generation / 9) + (person % 11)) % 12);
  const birth = parseBusinessDate(`${firstYear - 1 - age}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`);
  const serial = (Math.floor(person / 100) % 500) * 2 + (sex === "male" ? 1 : 0);
  return makeIdentityNumber(`4599${String(person % 100).padStart(2, "0")}`, birth, serial);
}

/** The n-th household of the demonstration; the same n always gives the same household. */
export function syntheticHousehold(n: number): SyntheticHousehold {
  const surname = pick(surnames, n, 1);
  const size = 2 + below(n, 2, membersMost - 2);
  const headAge = 32 + below(n, 3, 40);
  let person = n * membersMost;
  const member = (relation: Relation, age: number, sex: "male" | "female", place: number, own?: string): MemberEntry => {
    const skill: LabourSkill =
      age < 16 || age > 75
        ? "none"
        : age > 59
          ? "weak"
          : pick(["ordinary", "ordinary", "ordinary", "skilled", "weak"] as const, n, place + 1);
    const schooling: Schooling | undefined =
      age < 6 ? "preschool" : age < 12 ? "primary" : age < 15 ? "junior" : age < 18 ? "senior" : undefined;
    return {
      name: `${own ?? surname}${pick(given, n, place + 2)}${pick(given, n, place + 3)}`,
      identityNumber: numberFor(person++, age, sex),
      relation,
      labourSkill: skill,
      schooling,
      // Weak labour below sixty has its reason, as it would on a real list.
      health: [
        skill === "weak" && age < 60
          ? "chronic-illness"
          : pick(["healthy", "healthy", "healthy", "healthy", "healthy", "healthy", "chronic-illness", "disabled"], n, place + 4),
      ],
      medicalInsurance: "resident",
      ...(schooling === undefined ? { education: pick(["primary", "junior", "junior", "senior"] as const, n, place + 6) } : {}),
      ...(age >= 18 && age < 75 ? { phone: `1990000${String(below(n, place + 5, 10_000)).padStart(4, "0")}` } : {}),
    };
  };
  const members = [member("head", headAge, "male", 10)];
  if (size > 1) members.push(member("spouse", headAge - 2, "female", 20, pick(surnames, n, 29)));
  for (let child = 2; child < size; child += 1) {
    const son = below(n, 30 + child, 2) === 0;
    members.push(
      member(
        son ? "son" : "daughter",
        Math.max(0, headAge - 24 - child * 2 - below(n, 40 + child, 4)),
        son ? "male" : "female",
        50 + child * 10,
      ),
    );
  }
  const perHead = 400_000 + below(n, 5, 1_600_000);
  const total = perHead * members.length;
  return {
    n,
    region: villageOf(n),
    householdNo: `DEMO-${String(n).padStart(7, "0")}`,
    householdKind: below(n, 6, 4) === 0 ? "lifted-household" : "ordinary-household",
    guarantees: { schooling: true, medicalCare: true, housing: below(n, 7, 60) !== 0, drinkingWater: below(n, 8, 40) !== 0 },
    lowIncome: perHead < 600_000,
    relocated: below(n, 9, 25) === 0,
    members,
    income2021: {
      wageFen: Math.floor(total * 0.6),
      businessFen: Math.floor(total * 0.35),
      propertyFen: Math.floor(total * 0.02),
      transferFen: Math.floor(total * 0.13),
      businessCostFen: Math.floor(total * 0.1),
    },
  };
}

/** The period the demonstration's incomes are of. */
export const syntheticYear = { from: "2021-01-01" as BusinessDate, until: "2021-12-31" as BusinessDate };
