import { addDays, type BusinessDate } from "@shouwang/service-kit/calendar";
import type { RecordKind } from "../feed/layout.ts";
import { demoHouseholds } from "./population.ts";

/** A made-up fact that a department might have sent of a household, of its head, its youngest child or of the house as a whole. */
export type SyntheticRecord = {
  kind: RecordKind;
  department: string;
  about: "head" | "child" | "household";
  day: BusinessDate;
  code: string | null;
  amountFen: number | null;
  totalFen: number | null;
};

type Sample = Omit<SyntheticRecord, "day" | "amountFen" | "totalFen"> & {
  daysAgo: number;
  amountFen?: number;
  totalFen?: number;
};

/** One of each kind that a rule warns of, and some that give the all-clear. */
const samples: readonly Sample[] = [
  {
    kind: "medical-bill",
    department: "health",
    about: "head",
    code: null,
    daysAgo: 40,
    amountFen: 1_250_000,
    totalFen: 3_800_000,
  },
  {
    kind: "medical-bill",
    department: "medical-insurance",
    about: "head",
    code: null,
    daysAgo: 20,
    amountFen: 3_400_000,
    totalFen: 9_000_000,
  },
  { kind: "medical-bill", department: "health", about: "head", code: null, daysAgo: 90, amountFen: 80_000, totalFen: 200_000 },
  { kind: "schooling", department: "education", about: "child", code: "dropped-out", daysAgo: 50 },
  { kind: "schooling", department: "education", about: "child", code: "enrolled", daysAgo: 50 },
  { kind: "disability", department: "disability", about: "head", code: "grade-2", daysAgo: 30 },
  { kind: "housing", department: "housing", about: "household", code: "D", daysAgo: 60 },
  { kind: "housing", department: "housing", about: "household", code: "B", daysAgo: 60 },
  { kind: "water", department: "water", about: "household", code: "unsafe", daysAgo: 45 },
  { kind: "disaster-loss", department: "emergency", about: "household", code: "flood", daysAgo: 55, amountFen: 1_600_000 },
  { kind: "employment", department: "human-resources", about: "head", code: "wage-stopped", daysAgo: 65 },
  { kind: "employment", department: "human-resources", about: "head", code: "unemployed", daysAgo: 35 },
  { kind: "low-income", department: "civil-affairs", about: "head", code: "low-allowance", daysAgo: 25, amountFen: 45_000 },
  { kind: "low-income", department: "civil-affairs", about: "head", code: "ended", daysAgo: 15 },
  { kind: "accident", department: "public-security", about: "head", code: null, daysAgo: 10 },
  { kind: "asset-check", department: "public-security", about: "head", code: "vehicle", daysAgo: 900 },
];

/** The second half of the demonstration's village has one sample a household, so that each kind is there to be met; elsewhere one household in ten has one. */
const firstOfVillage = demoHouseholds / 2;

/** What departments would have sent of the n-th household; the same n always gives the same. */
export function syntheticRecords(n: number, today: BusinessDate): SyntheticRecord[] {
  const isOfVillage = n >= firstOfVillage && n < demoHouseholds;
  if (!isOfVillage && (n < demoHouseholds || n % 10 !== 0)) return [];
  const sample = samples[(isOfVillage ? n - firstOfVillage : n / 10) % samples.length];
  if (!sample) return [];
  const { daysAgo, amountFen = null, totalFen = null, ...rest } = sample;
  return [{ ...rest, day: addDays(today, -daysAgo), amountFen, totalFen }];
}
