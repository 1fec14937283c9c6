import type { MeasureCategory, Risk } from "@shouwang/contract";
import { addDays, type BusinessDate, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { ageOn } from "../household/decide.ts";
import type { HouseholdFacts, PersonFacts } from "./facts-decide.ts";

type HouseholdRow = {
  id: string;
  region: string;
  kind: HouseholdFacts["householdKind"];
  monitored: boolean;
  schooling: boolean | null;
  medicalCare: boolean | null;
  housing: boolean | null;
  drinkingWater: boolean | null;
  safetyNetOnly: boolean;
  caseId: string | null;
  caseStatus: string | null;
  risks: Risk[] | null;
  disasterKind: string | null;
  monthsIncluded: number | null;
  clearedBy: "help" | "nature" | null;
  measures: MeasureCategory[] | null;
  wageFen: number | null;
  transferFen: number | null;
  incomeUntil: string | null;
  selfPaidFen: number;
};

type PersonRow = Omit<PersonFacts, "age"> & { householdId: string; birthDate: string };

/** What the rules look at, of some households at once. Only those in being: a merged or closed household has nothing left to check. */
export async function loadFacts(tx: Tx<DB>, householdIds: readonly string[], today: BusinessDate): Promise<HouseholdFacts[]> {
  const ids = [...householdIds];
  const { rows: households } = await sql<HouseholdRow>`select h.id, h.region, h.household_kind as kind,
      h.monitored_kind is not null and not h.risk_cleared as monitored, h.schooling_ok as schooling, h.medical_care_ok as "medicalCare",
      h.housing_ok as housing, h.drinking_water_ok as "drinkingWater", h.safety_net_only as "safetyNetOnly",
      c.id as "caseId", c.status as "caseStatus", c.risks, c.disaster_kind as "disasterKind", c.cleared_by as "clearedBy",
      (extract(year from age(${today}::date, c.included_on)) * 12 + extract(month from age(${today}::date, c.included_on)))::int as "monthsIncluded",
      (select array_agg(m.category) from monitoring.measure m where m.household_id = h.id and m.taken_back_on is null
        and (c.included_on is null or m.implemented_at >= c.included_on::timestamp at time zone 'Asia/Shanghai')) as measures,
      i.wage_fen as "wageFen", i.transfer_fen as "transferFen", i.until_date as "incomeUntil",
      (select coalesce(sum(b.amount_fen), 0)::bigint from monitoring.department_record b where b.household_id = h.id and b.kind = 'medical-bill'
        and b.day > ${addDays(today, -365)}::date) as "selfPaidFen"
    from monitoring.household h
    left join lateral (select * from monitoring.monitored_case c where c.household_id = h.id and c.status not in ('refused', 'closed')
      order by c.opened_at desc limit 1) c on true
    left join lateral (select * from monitoring.household_income i where i.household_id = h.id and i.kind in ('annual', 'at-clearance')
      order by i.until_date desc limit 1) i on true
    where h.id = any(${ids}::uuid[]) and h.status = 'active' order by h.id`.execute(tx);
  const { rows: people } =
    await sql<PersonRow>`select household_id as "householdId", id as "personId", relation, sex, birth_date as "birthDate",
      schooling, education, dropout_reason as "dropoutReason", health, labour_skill as "labourSkill", medical_insurance as "medicalInsurance",
      serious_illness_insurance as "seriousIllnessInsurance", destitute, able_worker as "ableWorker", student
    from monitoring.person where household_id = any(${ids}::uuid[]) and status = 'member' order by id`.execute(tx);
  const members = Map.groupBy(people, (person) => person.householdId);
  return households.map((row) => ({
    householdId: row.id,
    region: row.region,
    householdKind: row.kind,
    monitored: row.monitored,
    guarantees: {
      schooling: row.schooling,
      medicalCare: row.medicalCare,
      housing: row.housing,
      drinkingWater: row.drinkingWater,
    },
    safetyNetOnly: row.safetyNetOnly,
    members: (members.get(row.id) ?? []).map(({ householdId: _, birthDate, ...person }) => ({
      ...person,
      age: ageOn(birthDate, today),
    })),
    monitoredCase:
      row.caseId === null
        ? null
        : {
            caseId: row.caseId,
            status: row.caseStatus ?? "",
            risks: row.risks ?? [],
            disasterKind: row.disasterKind,
            monthsIncluded: row.monthsIncluded,
            clearedBy: row.clearedBy,
          },
    measures: row.measures ?? [],
    income:
      row.wageFen === null || row.transferFen === null || row.incomeUntil === null
        ? null
        : { wageFen: row.wageFen, transferFen: row.transferFen, until: row.incomeUntil },
    selfPaidFen: row.selfPaidFen,
  }));
}

/** The next households of an area in the order of their ids, for a sweep. */
export async function nextHouseholds(
  tx: Tx<DB>,
  area: { lo: string; hi: string },
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  let query = tx
    .selectFrom("monitoring.household")
    .select("id")
    .where("region", ">=", area.lo)
    .where("region", "<", area.hi)
    .where("status", "=", "active")
    .orderBy("id")
    .limit(limit);
  if (after) query = query.where("id", ">", after);
  return (await query.execute()).map(({ id }) => id);
}
