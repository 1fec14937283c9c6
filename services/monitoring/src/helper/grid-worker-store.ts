import { type Keys, maskName, maskPhone, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";

type LeftBecause = "transferred" | "resigned" | "retired" | "ill" | "other";
export type GridWorker = {
  id: string;
  region: string;
  subject: string;
  nameMask: string | null;
  phoneMask: string | null;
  from: string;
  until: string | null;
  leftBecause: LeftBecause | null;
  successor: string | null;
  version: number;
};

const columns = sql`id, region, subject, name_mask as "nameMask", phone_mask as "phoneMask", from_date as "from", until_date as "until",
  left_because as "leftBecause", successor, version`;

/** Enters people as grid workers of villages where they are not yet: whoever is given a grid is one, known by sign-in until somebody enters name and phone. */
export async function enterGridWorkers(
  tx: Tx<DB>,
  workers: readonly { region: string; subject: string }[],
  given: { from: string; by: string },
): Promise<void> {
  await sql`insert into monitoring.grid_worker (id, region, subject, from_date, appointed_by, appointed_at)
    select id, region, subject, ${given.from}::date, ${given.by}, kit.now()
    from unnest(${workers.map(() => uuidv7())}::uuid[], ${workers.map((one) => one.region)}::text[], ${workers.map((one) => one.subject)}::text[])
      as entry (id, region, subject) on conflict do nothing`.execute(tx);
}

/** Appoints a grid worker, name and phone sealed; completes the entry of one who was known by sign-in alone. @returns undefined when the person is one there already */
export async function appointGridWorker(
  tx: Tx<DB>,
  keys: Keys,
  entry: { region: string; subject: string; name: string; phone: string; from: string },
  given: { by: string; at: Date },
): Promise<GridWorker | undefined> {
  const { rows: present } = await sql<{
    id: string;
    known: boolean;
  }>`select id, secret is not null as known from monitoring.grid_worker
    where region = ${entry.region} and subject = ${entry.subject} and until_date is null for update`.execute(tx);
  if (present[0]?.known) return undefined;
  const id = present[0]?.id ?? uuidv7();
  const secret = sealRecord(keys, { table: "monitoring.grid_worker", id }, { name: entry.name, phone: entry.phone });
  const { rows } =
    await sql<GridWorker>`insert into monitoring.grid_worker as w (id, region, subject, secret, name_mask, phone_mask, from_date, appointed_by, appointed_at)
    values (${id}, ${entry.region}, ${entry.subject}, ${secret}, ${maskName(entry.name)}, ${maskPhone(entry.phone)}, ${entry.from}, ${given.by}, ${given.at})
    on conflict (id) do update set secret = excluded.secret, name_mask = excluded.name_mask, phone_mask = excluded.phone_mask, version = w.version + 1
    returning ${columns}`.execute(tx);
  return rows[0];
}

/** A grid worker, held until the transaction ends. */
export async function lockGridWorker(tx: Tx<DB>, id: string): Promise<GridWorker | undefined> {
  const { rows } = await sql<GridWorker>`select ${columns} from monitoring.grid_worker where id = ${id} for update`.execute(tx);
  return rows[0];
}

/** Whether somebody is a grid worker of a village today. */
export async function isGridWorker(tx: Tx<DB>, region: string, subject: string): Promise<boolean> {
  const { rows } =
    await sql`select from monitoring.grid_worker where region = ${region} and subject = ${subject} and until_date is null`.execute(
      tx,
    );
  return rows.length > 0;
}

export async function saveDeparture(tx: Tx<DB>, worker: GridWorker): Promise<void> {
  await tx
    .updateTable("monitoring.grid_worker")
    .set({ until_date: worker.until, left_because: worker.leftBecause, successor: worker.successor, version: worker.version })
    .where("id", "=", worker.id)
    .execute();
}

/** Grid workers of an area, former ones included, by village and id; `limit + 1` rows. */
export async function listGridWorkers(
  tx: Tx<DB>,
  filter: { area: { lo: string; hi: string }; activeOnly: boolean; after: string | undefined; limit: number },
): Promise<GridWorker[]> {
  const { rows } = await sql<GridWorker>`select ${columns} from monitoring.grid_worker
    where region >= ${filter.area.lo} and region < ${filter.area.hi} and ${filter.activeOnly ? sql`until_date is null` : sql`true`}
      and ${
        filter.after === undefined
          ? sql`true`
          : sql`(region, id) > (select last.region, last.id from monitoring.grid_worker last where last.id = ${filter.after}::uuid)`
      }
    order by region, id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}

/** Villages of an area that have a grid worker today. */
export async function villagesWithGridWorker(tx: Tx<DB>, area: { lo: string; hi: string }): Promise<Set<string>> {
  const { rows } = await sql<{ region: string }>`select distinct region from monitoring.grid_worker
    where until_date is null and region >= ${area.lo} and region < ${area.hi}`.execute(tx);
  return new Set(rows.map((row) => row.region));
}
