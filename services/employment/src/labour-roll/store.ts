import { type Keys, maskAccount, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { type PeriodStatus, rollStatus } from "./decide.ts";

const placeOf = (id: string) => ({ table: "employment.labour_line", id });

export type Roll = { id: string; projectId: string; region: string; version: number };
export type Period = {
  id: string;
  labourRollId: string;
  region: string;
  from: string;
  until: string;
  status: PeriodStatus;
  postedOn: string | null;
  postedUntil: string | null;
  paidBy: string | null;
  verifiedOn: string | null;
};
/** A roll's totals: days and pay count where the person has signed for them. */
export type Totals = {
  persons: number;
  targetPersons: number;
  days: number;
  earnedFen: number;
  targetEarnedFen: number;
  paidFen: number;
  unsigned: number;
};

const periodColumns = sql`id, labour_roll_id as "labourRollId", region, from_date as "from", until_date as until, status, posted_on as "postedOn",
  posted_until as "postedUntil", paid_by as "paidBy", verified_on as "verifiedOn"`;
const totalColumns = sql`count(distinct l.person_id)::int as persons, count(distinct l.person_id) filter (where l.target)::int as "targetPersons",
  coalesce(sum(l.days) filter (where l.signed_on is not null), 0)::int as days,
  coalesce(sum(l.amount_fen) filter (where l.signed_on is not null), 0)::bigint as "earnedFen",
  coalesce(sum(l.amount_fen) filter (where l.signed_on is not null and l.target), 0)::bigint as "targetEarnedFen",
  coalesce(sum(l.paid_fen), 0)::bigint as "paidFen", count(*) filter (where l.signed_on is null)::int as unsigned`;

/** The roll of a project, made where there is none, locked. Undefined where it stands in another area. */
export async function lockRollOf(tx: Tx<DB>, roll: { id: string; projectId: string; region: string }): Promise<Roll | undefined> {
  await sql`insert into employment.labour_roll (id, project_id, region) values (${roll.id}, ${roll.projectId}, ${roll.region})
    on conflict (project_id) do nothing`.execute(tx);
  const { rows } = await sql<Roll>`select id, project_id as "projectId", region, version from employment.labour_roll
    where project_id = ${roll.projectId} for update`.execute(tx);
  return rows[0];
}

export async function insertPeriod(
  tx: Tx<DB>,
  period: Pick<Period, "id" | "labourRollId" | "region" | "from" | "until">,
  by: string,
): Promise<void> {
  await sql`insert into employment.labour_period (id, labour_roll_id, region, from_date, until_date, opened_by)
    values (${period.id}, ${period.labourRollId}, ${period.region}, ${period.from}, ${period.until}, ${by})`.execute(tx);
}

export async function periodsOf(tx: Tx<DB>, rollId: string): Promise<Period[]> {
  const { rows } = await sql<Period>`select ${periodColumns} from employment.labour_period where labour_roll_id = ${rollId}
    order by from_date`.execute(tx);
  return rows;
}

export async function findPeriod(tx: Tx<DB>, id: string): Promise<Period | undefined> {
  const { rows } = await sql<Period>`select ${periodColumns} from employment.labour_period where id = ${id}`.execute(tx);
  return rows[0];
}

/** A period with its roll locked first, so that the roll's totals are told in order. */
export async function lockPeriod(tx: Tx<DB>, id: string): Promise<{ roll: Roll; period: Period } | undefined> {
  const { rows } = await sql<Roll>`select r.id, r.project_id as "projectId", r.region, r.version from employment.labour_roll r
    where r.id = (select labour_roll_id from employment.labour_period where id = ${id}) for update`.execute(tx);
  const [roll] = rows;
  const period = roll && (await findPeriod(tx, id));
  return period && { roll, period };
}

export async function savePeriod(tx: Tx<DB>, period: Period): Promise<void> {
  await sql`update employment.labour_period set status = ${period.status}, posted_on = ${period.postedOn}, posted_until = ${period.postedUntil},
    paid_by = ${period.paidBy}, verified_on = ${period.verifiedOn} where id = ${period.id}`.execute(tx);
}

/** Counts one more change of a roll. @returns the roll as its events say it */
export async function nextOfRoll(tx: Tx<DB>, roll: Roll) {
  await sql`update employment.labour_roll set version = version + 1 where id = ${roll.id}`.execute(tx);
  const totals = await totalsOfRoll(tx, roll.id);
  const { persons, targetPersons, days, earnedFen, paidFen } = totals;
  const status = rollStatus((await periodsOf(tx, roll.id)).map((period) => period.status));
  return {
    version: roll.version + 1,
    state: {
      ...{ labourRollId: roll.id, projectId: roll.projectId, region: roll.region },
      ...{ persons, targetPersons, days, earnedFen, paidFen, status },
    },
  };
}

const none: Totals = { persons: 0, targetPersons: 0, days: 0, earnedFen: 0, targetEarnedFen: 0, paidFen: 0, unsigned: 0 };
export async function totalsOfRoll(tx: Tx<DB>, rollId: string): Promise<Totals> {
  const { rows } = await sql<Totals>`select ${totalColumns} from employment.labour_line l
    where l.period_id in (select id from employment.labour_period where labour_roll_id = ${rollId})`.execute(tx);
  return rows[0] ?? none;
}
export async function totalsOfPeriod(tx: Tx<DB>, periodId: string): Promise<Totals> {
  const { rows } =
    await sql<Totals>`select ${totalColumns} from employment.labour_line l where l.period_id = ${periodId}`.execute(tx);
  return rows[0] ?? none;
}

/** Rolls of an area in order of their id; `limit + 1` rows. */
export async function listRolls(
  tx: Tx<DB>,
  filter: { area: { lo: string; hi: string }; projectId: string | undefined; after: string | undefined; limit: number },
): Promise<Roll[]> {
  const { rows } = await sql<Roll>`select id, project_id as "projectId", region, version from employment.labour_roll
    where region >= ${filter.area.lo} and region < ${filter.area.hi} and (${filter.projectId ?? null}::uuid is null or project_id = ${filter.projectId ?? null})
      and (${filter.after ?? null}::uuid is null or id > ${filter.after ?? null}::uuid) order by id limit ${filter.limit + 1}`.execute(
    tx,
  );
  return rows;
}

export async function findRoll(tx: Tx<DB>, id: string): Promise<Roll | undefined> {
  const { rows } =
    await sql<Roll>`select id, project_id as "projectId", region, version from employment.labour_roll where id = ${id}`.execute(
      tx,
    );
  return rows[0];
}

export type Line = {
  id: string;
  personId: string;
  householdId: string;
  region: string;
  target: boolean;
  days: number;
  rateFen: number;
  amountFen: number;
  signedOn: string | null;
};
export type LineRow = Line & {
  nameMask: string | null;
  accountMask: string | null;
  paidFen: number;
  paidOn: string | null;
  unpaidBecause: string | null;
};

/** Writes lines of a period; somebody who is on it already gets the new days. An account that is not given stays as it was. @returns how many were written */
export async function writeLines(
  tx: Tx<DB>,
  keys: Keys,
  periodId: string,
  lines: readonly (Line & { account: string | null })[],
): Promise<void> {
  if (lines.length === 0) return;
  const { rows: present } = await sql<{
    id: string;
    personId: string;
  }>`select id, person_id as "personId" from employment.labour_line
    where period_id = ${periodId}`.execute(tx);
  const idOf = new Map(present.map(({ id, personId }) => [personId, id]));
  const rows = lines.map(({ account, ...line }) => {
    const id = idOf.get(line.personId) ?? line.id;
    const secret = account === null ? null : sealRecord(keys, placeOf(id), { account }).toString("base64");
    return { ...line, id, secret, accountMask: account === null ? null : maskAccount(account) };
  });
  await sql`insert into employment.labour_line as kept (id, period_id, region, person_id, household_id, target, days, rate_fen, amount_fen, secret, account_mask,
      signed_on)
    select id, ${periodId}, region, "personId", "householdId", target, days, "rateFen", "amountFen", decode(secret, 'base64'), "accountMask", "signedOn"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (id uuid, region text, "personId" uuid, "householdId" uuid, target boolean, days int,
      "rateFen" bigint, "amountFen" bigint, secret text, "accountMask" text, "signedOn" date)
    on conflict (period_id, person_id) do update set days = excluded.days, rate_fen = excluded.rate_fen, amount_fen = excluded.amount_fen,
      secret = coalesce(excluded.secret, kept.secret), account_mask = coalesce(excluded.account_mask, kept.account_mask),
      signed_on = excluded.signed_on`.execute(tx);
}

/** Takes a person off a period. @returns whether they were on it */
export async function deleteLine(tx: Tx<DB>, periodId: string, personId: string): Promise<boolean> {
  const result = await sql`delete from employment.labour_line where period_id = ${periodId} and person_id = ${personId}`.execute(
    tx,
  );
  return result.numAffectedRows === 1n;
}

/** Lines of a period in order of their id; `limit + 1` rows. */
export async function listLines(
  tx: Tx<DB>,
  filter: { periodId: string; unpaid: boolean | undefined; after: string | undefined; limit: number },
): Promise<LineRow[]> {
  const { rows } =
    await sql<LineRow>`select l.id, l.person_id as "personId", l.household_id as "householdId", l.region, l.target, l.days, l.rate_fen as "rateFen",
      l.amount_fen as "amountFen", l.signed_on as "signedOn", l.account_mask as "accountMask", l.paid_fen as "paidFen", l.paid_on as "paidOn",
      l.unpaid_because as "unpaidBecause", (select i.name_mask from employment.person_identity i where i.person_id = l.person_id) as "nameMask"
    from employment.labour_line l where l.period_id = ${filter.periodId}
      and (${filter.unpaid ?? null}::boolean is null or (l.paid_fen < l.amount_fen) = ${filter.unpaid ?? null})
      and (${filter.after ?? null}::uuid is null or l.id > ${filter.after ?? null}::uuid) order by l.id limit ${filter.limit + 1}`.execute(
      tx,
    );
  return rows;
}

/** What was paid of lines: it replaces what was said before. */
export async function payLines(
  tx: Tx<DB>,
  lines: readonly { id: string; paidFen: number; because: string | null }[],
  on: string,
): Promise<void> {
  await sql`update employment.labour_line l set paid_fen = g."paidFen", paid_on = case when g."paidFen" > 0 then ${on}::date end,
      unpaid_because = case when g."paidFen" < l.amount_fen then g.because end
    from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as g (id uuid, "paidFen" bigint, because text) where l.id = g.id`.execute(
    tx,
  );
}

export type Project = { id: string; place: string; mode: string; implementer: string; status: string; payBaseFen: number };

export async function findProject(tx: Tx<DB>, id: string): Promise<Project | undefined> {
  const { rows } = await sql<Project>`select id, place, mode, implementer, status, pay_base_fen as "payBaseFen"
    from employment.project where id = ${id}`.execute(tx);
  return rows[0];
}

/** The people of the caller's area whose numbers have these indexes, in the same order; null for nobody. */
export async function findByIndexes(tx: Tx<DB>, indexes: readonly Buffer[]): Promise<(string | null)[]> {
  // Each number by itself, for the planner's sake, as where lists of people at work are taken in.
  const { rows } = await sql<{
    id: string | null;
  }>`select p.id from unnest(${[...indexes]}::bytea[]) with ordinality as asked (index, n)
    left join lateral (select p.id from employment.person_identity i join employment.person p on p.id = i.person_id
      where i.identity_index = asked.index order by p.status = 'member' desc, p.id limit 1) p on true order by n`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Says which period a list is for. */
export async function insertImport(tx: Tx<DB>, list: { id: string; region: string }, periodId: string): Promise<void> {
  await sql`insert into employment.labour_import (list_id, period_id, region) values (${list.id}, ${periodId}, ${list.region})`.execute(
    tx,
  );
}

/** The period a list is for. Throws where it is gone. */
export async function periodOfImport(tx: Tx<DB>, listId: string): Promise<string> {
  const { rows } = await sql<{ periodId: string }>`select period_id as "periodId" from employment.labour_import
    where list_id = ${listId}`.execute(tx);
  if (!rows[0]) throw new Error("the period of this list is gone");
  return rows[0].periodId;
}
