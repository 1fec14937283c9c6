import type { ReceivedList, Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { DB, MonitoringFeedRow } from "../db.ts";
import type { RegistrySays } from "./mismatch.ts";

/** A row that was found good: its person and what makes it the same as another as keyed indexes, its text sealed. */
export type ReadRow = {
  recordId: string;
  line: number;
  personIndex: Buffer | null;
  /** Where the row names a village: by these a member may be proposed whose number differs. */
  nameToken: Buffer | null;
  birthDate: string | null;
  village: string | null;
  recordIndex: Buffer;
  day: string;
  code: string | null;
  amountFen: number | null;
  totalFen: number | null;
  secret: Buffer | null;
};

export async function insertRows(tx: Tx<DB>, feed: ReceivedList, rows: readonly ReadRow[]): Promise<void> {
  if (rows.length === 0) return;
  const of = <T>(value: (row: ReadRow) => T) => rows.map(value);
  await sql`insert into monitoring.feed_row (feed_id, region, record_id, line, person_index, name_token, birth_date, village, record_index, day, code, amount_fen, total_fen, secret)
    select ${feed.id}, ${feed.region}, * from unnest(${of((row) => row.recordId)}::uuid[], ${of((row) => row.line)}::int[], ${of((row) => row.personIndex)}::bytea[],
      ${of((row) => row.nameToken)}::bytea[], ${of((row) => row.birthDate)}::date[], ${of((row) => row.village)}::text[], ${of((row) => row.recordIndex)}::bytea[],
      ${of((row) => row.day)}::date[], ${of((row) => row.code)}::text[], ${of((row) => row.amountFen)}::bigint[], ${of((row) => row.totalFen)}::bigint[],
      ${of((row) => row.secret)}::bytea[])`.execute(tx);
}

/** Takes back what was read of a file, in the transaction that read it. */
export async function deleteRead(tx: Tx<DB>, feedId: string): Promise<void> {
  await tx.deleteFrom("monitoring.feed_row").where("feed_id", "=", feedId).execute();
}

/** A row that was read, with the member of a household of the caller's area it is about, and the same record where it came before. */
export type MatchedRow = ReadRow & {
  member: Member | undefined;
  /** Members whose name, birth date and village fit, where the number fits nobody. */
  candidates: string[];
  before: Content | undefined;
};
type Content = Pick<ReadRow, "code" | "amountFen" | "totalFen">;
export type Member = { personId: string; householdId: string; region: string; registry: RegistrySays };

/** What the registry says, as it is compared: columns over `person p` and `household h`. */
const registryColumns = sql`p.id as person_id, p.household_id, p.region, p.status, p.student, p.health, h.housing_ok, h.drinking_water_ok, h.low_income`;
type RegistryRow = {
  person_id: string;
  household_id: string;
  region: string;
  status: string;
  student: boolean;
  health: string[];
  housing_ok: boolean | null;
  drinking_water_ok: boolean | null;
  low_income: boolean;
};
const memberOf = (row: RegistryRow): Member => ({
  personId: row.person_id,
  householdId: row.household_id,
  region: row.region,
  registry: {
    status: row.status,
    student: row.student,
    health: row.health,
    housing: row.housing_ok,
    drinkingWater: row.drinking_water_ok,
    lowIncome: row.low_income,
  },
});

/** Takes the next rows of a feed off the table, in the order of their lines. Whoever is not registered in the caller's area, or nowhere, is no member here. */
export async function takeRows(tx: Tx<DB>, feedId: string, limit: number): Promise<MatchedRow[]> {
  const { rows } = await sql<
    Selectable<MonitoringFeedRow> & { [Key in keyof RegistryRow]: RegistryRow[Key] | null } & {
      candidates: string[] | null;
      has_before: boolean;
      before_code: string | null;
      before_amount_fen: number | null;
      before_total_fen: number | null;
    }
  >`with part as (delete from monitoring.feed_row where feed_id = ${feedId}
        and line in (select line from monitoring.feed_row where feed_id = ${feedId} order by line limit ${limit}) returning *)
    select part.*, ${registryColumns}, fit.candidates, b.id is not null as has_before, b.code as before_code, b.amount_fen as before_amount_fen, b.total_fen as before_total_fen
    from part left join monitoring.person p on p.identity_index = part.person_index and p.status in ('member', 'died') and p.household_id is not null
    left join monitoring.household h on h.id = p.household_id
    left join lateral (select array_agg(o.id order by o.id) as candidates from monitoring.name_token t join monitoring.person o on o.id = t.person_id
      where p.id is null and t.token = part.name_token and o.birth_date = part.birth_date and o.region = part.village and o.status = 'member') fit on true
    left join monitoring.department_record b on b.record_index = part.record_index order by part.line`.execute(tx);
  return rows.map((row) => ({
    recordId: row.record_id,
    line: row.line,
    personIndex: row.person_index,
    nameToken: row.name_token,
    birthDate: row.birth_date,
    village: row.village,
    recordIndex: row.record_index,
    day: row.day,
    code: row.code,
    amountFen: row.amount_fen,
    totalFen: row.total_fen,
    secret: row.secret,
    // Safe: where there is a person, the join brings the whole of the registry's row.
    member: row.person_id === null ? undefined : memberOf(row as RegistryRow),
    candidates: row.candidates?.slice(0, 50) ?? [],
    before: row.has_before
      ? { code: row.before_code, amountFen: row.before_amount_fen, totalFen: row.before_total_fen }
      : undefined,
  }));
}

/** A member as the registry says of it, for a row that a person matched. */
export async function findMember(tx: Tx<DB>, personId: string): Promise<Member | undefined> {
  const { rows } =
    await sql<RegistryRow>`select ${registryColumns} from monitoring.person p join monitoring.household h on h.id = p.household_id
    where p.id = ${personId} and p.status in ('member', 'died')`.execute(tx);
  return rows[0] && memberOf(rows[0]);
}
