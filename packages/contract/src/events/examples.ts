/**
 * Made-up material for the examples: ids are valid UUIDv7 that say by their last digits what they stand for;
 * the place is a real village of Du'an county in Hechi.
 */
const exampleId = (n: number) => `01825a10-7c00-7000-8000-${String(n).padStart(12, "0")}`;

export const ids = {
  household: exampleId(1),
  otherHousehold: exampleId(2),
  person: exampleId(3),
  lead: exampleId(4),
  case: exampleId(5),
  helper: exampleId(6),
  householdPlan: exampleId(7),
  planItem: exampleId(8),
  measure: exampleId(9),
  visit: exampleId(10),
  income: exampleId(11),
  posting: exampleId(12),
  import: exampleId(13),
  deadline: exampleId(14),
  audit: exampleId(15),
  project: exampleId(16),
  payment: exampleId(17),
  claim: exampleId(18),
  site: exampleId(19),
  list: exampleId(20),
  suspect: exampleId(21),
  snapshot: exampleId(22),
  parameter: exampleId(23),
  focus: exampleId(24),
  referral: exampleId(25),
  post: exampleId(26),
  organisation: exampleId(27),
  asset: exampleId(28),
  collective: exampleId(29),
  distribution: exampleId(30),
  subject: exampleId(31),
  source: exampleId(32),
  monthlyRound: exampleId(33),
  sweep: exampleId(34),
  taskForce: exampleId(35),
  appeal: exampleId(60),
  earlyAlarm: exampleId(36),
} as const;

export const village = "451228101201";
export const county = "451228000000";
export const region = "450000000000";
export const officer = "https://login.example|7d1f0a52-6a0e-4c1b-9b57-2f6c1e0d9a11";
export const approver = "https://login.example|1b9e6c44-02d7-4f0a-8a63-5c0f7e2b4d22";
