import { type Keys, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringSuspect } from "../db.ts";
import type { SuspectOutcome, SuspectStatus, SuspectStep } from "./decide.ts";

/** One of the values that do not go together: whose it is and of which day. Masked where it is personal. */
export const FoundValue = z.object({
  field: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  source: z.string(),
  department: z.string(),
  date: z.string().nullable(),
});
export type FoundValue = z.infer<typeof FoundValue>;

export type Suspect = SuspectStep & {
  id: string;
  householdId: string;
  region: string;
  personId: string | null;
  ruleCode: string;
  field: string;
  found: FoundValue[];
  fingerprint: Buffer;
  raisedBy: string;
  fileId: string | null;
  openedAt: Date;
  closedOn: string | null;
  expiresOn: string | null;
};

const columns = [
  "id",
  "household_id",
  "region",
  "person_id",
  "rule_code",
  "field",
  "found",
  "fingerprint",
  "raised_by",
  "status",
  "outcome",
  "because",
  "file_id",
  "assigned_to",
  "round",
  "opened_at",
  "vanished_at",
  "closed_on",
  "expires_on",
  "version",
] as const;

const fromRow = (row: Omit<Selectable<MonitoringSuspect>, "note">): Suspect => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  personId: row.person_id,
  ruleCode: row.rule_code,
  field: row.field,
  found: z.array(FoundValue).parse(row.found),
  fingerprint: row.fingerprint,
  raisedBy: row.raised_by,
  // Safe, here and below: check constraints hold these columns to the unions.
  status: row.status as SuspectStatus,
  outcome: row.outcome as SuspectOutcome | null,
  because: row.because,
  fileId: row.file_id,
  assignedTo: row.assigned_to,
  round: row.round,
  openedAt: row.opened_at,
  vanishedAt: row.vanished_at,
  closedOn: row.closed_on,
  expiresOn: row.expires_on,
  version: row.version,
});

/** The suspects of some households, open ones and decisions, the newest first. */
export async function suspectsOf(tx: Tx<DB>, householdIds: readonly string[]): Promise<Suspect[]> {
  if (householdIds.length === 0) return [];
  const rows = await tx
    .selectFrom("monitoring.suspect")
    .select(columns)
    .where("household_id", "in", [...householdIds])
    .orderBy("id", "desc")
    .execute();
  return rows.map(fromRow);
}

/** Stores new suspects. One that another transaction raised at the same moment stays as that one wrote it. @returns the ids that are new */
export async function insertSuspects(tx: Tx<DB>, suspects: readonly Suspect[]): Promise<Set<string>> {
  if (suspects.length === 0) return new Set();
  const rows = await tx
    .insertInto("monitoring.suspect")
    .values(
      suspects.map((suspect) => ({
        id: suspect.id,
        household_id: suspect.householdId,
        region: suspect.region,
        person_id: suspect.personId,
        rule_code: suspect.ruleCode,
        field: suspect.field,
        found: JSON.stringify(suspect.found),
        fingerprint: suspect.fingerprint,
        raised_by: suspect.raisedBy,
        status: suspect.status,
        opened_at: suspect.openedAt,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** The values of open suspects changed, or went away, or came back: what the village will find. */
export async function saveFound(
  tx: Tx<DB>,
  suspect: Pick<Suspect, "id" | "found" | "fingerprint" | "vanishedAt">,
): Promise<void> {
  await tx
    .updateTable("monitoring.suspect")
    .set({
      found: JSON.stringify(suspect.found),
      fingerprint: suspect.fingerprint,
      vanished_at: suspect.vanishedAt,
      version: sql`version + 1`,
    })
    .where("id", "=", suspect.id)
    .execute();
}

export async function findSuspect(tx: Tx<DB>, id: string): Promise<Suspect | undefined> {
  const row = await tx.selectFrom("monitoring.suspect").select(columns).where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function lockSuspect(tx: Tx<DB>, id: string): Promise<Suspect | undefined> {
  const row = await tx.selectFrom("monitoring.suspect").select(columns).where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

/** New suspects of a village, or of one rule there, locked in the order of their ids. */
export async function lockNewOf(
  tx: Tx<DB>,
  given: { area: { lo: string; hi: string }; ruleCode: string | undefined; limit: number },
): Promise<Suspect[]> {
  let query = tx
    .selectFrom("monitoring.suspect")
    .select(columns)
    .where("region", ">=", given.area.lo)
    .where("region", "<", given.area.hi)
    .where("status", "in", ["new", "returned"])
    .orderBy("id")
    .limit(given.limit)
    .forUpdate();
  if (given.ruleCode) query = query.where("rule_code", "=", given.ruleCode);
  return (await query.execute()).map(fromRow);
}

/** Suspects of an area, or of one rule there, that stand at one of these, in the order of their ids. */
export async function suspectsAt(
  tx: Tx<DB>,
  given: {
    area: { lo: string; hi: string };
    ruleCode: string | undefined;
    status: readonly SuspectStatus[];
    limit: number;
  },
): Promise<{ id: string; version: number }[]> {
  let query = tx
    .selectFrom("monitoring.suspect")
    .select(["id", "version"])
    .where("region", ">=", given.area.lo)
    .where("region", "<", given.area.hi)
    .where("status", "in", given.status)
    .orderBy("id")
    .limit(given.limit);
  if (given.ruleCode) query = query.where("rule_code", "=", given.ruleCode);
  return await query.execute();
}

/** Writes a step of a suspect; its note is sealed under its id. */
export async function saveStep(
  tx: Tx<DB>,
  keys: Keys,
  suspect: Suspect,
  more: { note?: string | undefined } = {},
): Promise<void> {
  await tx
    .updateTable("monitoring.suspect")
    .set({
      status: suspect.status,
      outcome: suspect.outcome,
      because: suspect.because,
      assigned_to: suspect.assignedTo,
      file_id: suspect.fileId,
      round: suspect.round,
      closed_on: suspect.closedOn,
      expires_on: suspect.expiresOn,
      version: suspect.version,
      ...(more.note === undefined
        ? {}
        : { note: sealRecord(keys, { table: "monitoring.suspect", id: suspect.id }, { note: more.note }) }),
    })
    .where("id", "=", suspect.id)
    .execute();
}

export type SuspectFilter = {
  area: { lo: string; hi: string };
  ruleCode?: string | undefined;
  status?: SuspectStatus | undefined;
  open?: boolean | undefined;
  householdId?: string | undefined;
  after: string | undefined;
  limit: number;
};

/** Suspects of an area in the order of their ids; `limit + 1` rows. */
export async function listSuspects(tx: Tx<DB>, filter: SuspectFilter): Promise<Suspect[]> {
  let query = tx
    .selectFrom("monitoring.suspect")
    .select(columns)
    .where("region", ">=", filter.area.lo)
    .where("region", "<", filter.area.hi)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.ruleCode) query = query.where("rule_code", "=", filter.ruleCode);
  if (filter.status) query = query.where("status", "=", filter.status);
  if (filter.open) query = query.where("status", "!=", "closed");
  if (filter.householdId) query = query.where("household_id", "=", filter.householdId);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

export type SuspectCount = { region: string; ruleCode: string; status: string; suspects: number };

/** How many suspects stand where, by village (or county above), rule and step. */
export async function countSuspects(tx: Tx<DB>, area: { lo: string; hi: string }, digits: number): Promise<SuspectCount[]> {
  const { rows } =
    await sql<SuspectCount>`select rpad(left(region, ${digits}::int), 12, '0') as region, rule_code as "ruleCode", status, count(*) as suspects
    from monitoring.suspect where region >= ${area.lo} and region < ${area.hi} group by 1, 2, 3 order by 1, 2, 3`.execute(tx);
  return rows;
}
