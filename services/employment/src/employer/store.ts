import { type Keys, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";

export const employerKinds = [
  "assistance-workshop",
  "enterprise",
  "individual-business",
  "cooperative",
  "family-farm",
  "other",
] as const;
type EmployerKind = (typeof employerKinds)[number];

/** A lawful operator that people work for. */
export type Employer = {
  id: string;
  kind: EmployerKind;
  creditCode: string | null;
  /** Number of the township's certificate, where there is no credit code. */
  certificate: string | null;
  region: string;
  ownerHouseholdId: string | null;
  status: "operating" | "closed";
  closedOn: string | null;
  version: number;
};
type Row = Employer & { secret: Buffer };

const Secret = z.object({ name: z.string() });
const placeOf = (id: string) => ({ table: "employment.employer", id });
const columns = sql`id, kind, credit_code as "creditCode", certificate, region, owner_household_id as "ownerHouseholdId", status, closed_on as "closedOn",
  version, secret`;

const withName = (keys: Keys, { secret, ...employer }: Row): Employer & { name: string } => ({
  ...employer,
  name: openRecord(keys, placeOf(employer.id), secret, Secret).name,
});

/** @returns false where the region has an employer of that code, or the township one of that certificate */
export async function insertEmployer(
  tx: Tx<DB>,
  keys: Keys,
  employer: Employer & { name: string },
  recordedBy: string,
): Promise<boolean> {
  const inserted =
    await sql`insert into employment.employer (id, kind, credit_code, certificate, region, owner_household_id, secret, recorded_by)
    values (${employer.id}, ${employer.kind}, ${employer.creditCode}, ${employer.certificate}, ${employer.region}, ${employer.ownerHouseholdId},
      ${sealRecord(keys, placeOf(employer.id), { name: employer.name })}, ${recordedBy}) on conflict do nothing`.execute(tx);
  return inserted.numAffectedRows === 1n;
}

/** An employer, wherever it is. */
export async function findEmployer(tx: Tx<DB>, id: string): Promise<Employer | undefined> {
  const { rows } = await sql<Row>`select ${columns} from employment.employer where id = ${id}`.execute(tx);
  const [row] = rows;
  if (!row) return undefined;
  const { secret: _, ...employer } = row;
  return employer;
}

/** Notes that an employer has closed. @returns it as it now is; undefined where none of the caller's area is open */
export async function closeEmployer(
  tx: Tx<DB>,
  keys: Keys,
  id: string,
  on: string,
): Promise<(Employer & { name: string }) | undefined> {
  const { rows } = await sql<Row>`update employment.employer set status = 'closed', closed_on = ${on}, version = version + 1
    where id = ${id} and status = 'operating' returning ${columns}`.execute(tx);
  return rows[0] && withName(keys, rows[0]);
}

/** Employers of an area in order of their id; `limit + 1` rows. */
export async function listEmployers(
  tx: Tx<DB>,
  keys: Keys,
  filter: {
    area: { lo: string; hi: string };
    status: string | undefined;
    creditCode: string | undefined;
    after: string | undefined;
    limit: number;
  },
) {
  const { rows } =
    await sql<Row>`select ${columns} from employment.employer where region >= ${filter.area.lo} and region < ${filter.area.hi}
    and (${filter.status ?? null}::text is null or status = ${filter.status ?? null})
    and (${filter.creditCode ?? null}::text is null or credit_code = ${filter.creditCode ?? null})
    and (${filter.after ?? null}::uuid is null or id > ${filter.after ?? null}::uuid) order by id limit ${filter.limit + 1}`.execute(
      tx,
    );
  return rows.map((row) => withName(keys, row));
}
