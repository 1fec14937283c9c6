import type { VisitId } from "@shouwang/contract";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { SentVisit } from "../../services/monitoring/src/visit/upload.ts";

/** The month whose visits are stored. */
export const month = "2022-08";
/** Ten million visits over all villages, if three households of a hundred are not seen. */
export const householdsPerVillage = 618;

/** Households of every village, in order of village as a registry is imported, and six grid workers to each. */
export async function populate(admin: pg.Client, villages: readonly string[]): Promise<void> {
  // What is measured is durable; what is only laid out for it need not be.
  await admin.query("set synchronous_commit = off");
  await admin.query("create temporary table village (n int, code text)");
  await admin.query("insert into village select n, code from unnest($1::text[]) with ordinality as row (code, n)", [villages]);
  await admin.query(
    `insert into monitoring.household (id, region, household_kind, monitored_kind, headcount, able_workers, created_at, updated_at)
     select uuidv7(), v.code, case when i % 4 = 0 then 'lifted-household' else 'ordinary-household' end,
       case when i % 50 = 0 then 'sudden-hardship' end, 4, 2, now(), now()
     from (select code from village order by n) v cross join generate_series(1, $1::int) i`,
    [householdsPerVillage],
  );
  await admin.query(
    `insert into kit.assignment (id, kind, subject, household_id, region, valid_from)
     select uuidv7(), 'grid', 'grid-' || region || '-' || abs(hashtext(id::text)) % 6, id, region, '2022-01-01' from monitoring.household`,
  );
  await admin.query("vacuum analyze monitoring.household");
  await admin.query("vacuum analyze kit.assignment");
}

/** Raw COPY of finished rows into a partition with the same indexes, in rows a second. */
export async function copyRate(admin: pg.Client, rows: number): Promise<number> {
  const { rows: found } = await admin.query<{ file: string }>(
    "select current_setting('data_directory') || '/visits.copy' as file",
  );
  const file = admin.escapeLiteral(found[0]?.file ?? "");
  const columns =
    "id, household_id, region, purposes, mode, visitor, visitor_role, visited_on, synced_at, household_away, changed, needs";
  await admin.query(`copy (select uuidv7(), id, region, array['monthly-round'], 'home', 'officer-' || region, 'village-officer', '2022-07-15'::date, now(), false, false, '{}'::text[]
    from monitoring.household limit ${rows}) to ${file}`);
  await admin.query("checkpoint");
  const from = performance.now();
  await admin.query(`copy monitoring.visit (${columns}) from ${file}`);
  const seconds = (performance.now() - from) / 1_000;
  await admin.query("truncate monitoring.visit_2022_07");
  return rows / seconds;
}

/** What phones send of a village: three of a hundred households are not seen, two are reached by a call. */
export function sentOf(households: readonly string[], village: string): SentVisit[] {
  return households.flatMap((householdId, n) => {
    if (n % 100 < 3) return [];
    const away = n % 100 < 5;
    return [
      {
        // Safe, both: ids of our own making.
        visitId: uuidv7() as VisitId,
        householdId: householdId as SentVisit["householdId"],
        purposes: ["monthly-round" as const],
        mode: away ? ("phone" as const) : ("home" as const),
        visitedOn: `${month}-${String(1 + ((n + Number(village.slice(-3))) % 31)).padStart(2, "0")}`,
        householdAway: away,
        changed: n % 50 === 0,
        needs: [],
      },
    ];
  });
}
