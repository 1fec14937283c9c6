import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { WorkLoss } from "./decide.ts";

export type WorkLossRow = WorkLoss & { version: number };
export type Settled = "lead-registered" | "joined-lead" | "has-work" | "known" | "not-watched" | "not-a-member" | "too-long-ago";

/**
 * Keeps a loss that is still to be looked at, as it was told last. One that was looked at stays as it is: what a lead came of is never raised again. One that was
 * corrected to be none, and is one after all, is looked at anew.
 */
export async function awaitLoss(
  tx: Tx<DB>,
  loss: WorkLoss,
  given: { region: string; dueOn: string; version: number },
): Promise<void> {
  await sql`insert into monitoring.work_loss as kept (source_kind, source_id, person_id, region, lost_on, because, epidemic, due_on, version)
    values (${loss.sourceKind}, ${loss.sourceId}::uuid, ${loss.personId}::uuid,
      coalesce((select region from monitoring.person where id = ${loss.personId}::uuid), ${given.region}), ${loss.lostOn}::date, ${loss.because}, ${loss.epidemic},
      ${given.dueOn}::date, ${given.version})
    on conflict (source_kind, source_id) do update set lost_on = excluded.lost_on, because = excluded.because, epidemic = excluded.epidemic,
      due_on = excluded.due_on, version = excluded.version, outcome = null, settled_at = null
    where kept.outcome is null or kept.outcome = 'told-otherwise'`.execute(tx);
}

/** What was told as a loss is none any more: at work again by the same record, or ended for another reason. */
export async function dropLoss(tx: Tx<DB>, source: Pick<WorkLoss, "sourceKind" | "sourceId">): Promise<void> {
  await sql`update monitoring.work_loss set outcome = 'told-otherwise'
    where source_kind = ${source.sourceKind} and source_id = ${source.sourceId}::uuid and outcome is null`.execute(tx);
}

/** Losses whose day has come and until whose day employment has been heard, locked; the longest due first. */
export async function lockDueLosses(tx: Tx<DB>, today: string, heardOn: string, limit: number): Promise<WorkLossRow[]> {
  const { rows } =
    await sql<WorkLossRow>`select source_kind as "sourceKind", source_id as "sourceId", person_id as "personId", lost_on as "lostOn", because, epidemic,
      version from monitoring.work_loss
    where outcome is null and due_on <= least(${today}::date, ${heardOn}::date) order by due_on, source_id limit ${limit} for update skip locked`.execute(
      tx,
    );
  return rows;
}

export async function settleLoss(
  tx: Tx<DB>,
  loss: WorkLoss,
  given: { outcome: Settled; leadId: string | null; at: Date },
): Promise<void> {
  await sql`update monitoring.work_loss set outcome = ${given.outcome}, lead_id = ${given.leadId}::uuid, settled_at = ${given.at}
    where source_kind = ${loss.sourceKind} and source_id = ${loss.sourceId}::uuid`.execute(tx);
}

export type LosersHousehold = {
  id: string;
  region: string;
  place: string;
  /** On its way to another place: it is looked at when it has arrived. */
  moving: boolean;
  watched: boolean;
  ableWorkers: number;
};

/** The household somebody is a member of today, locked until the transaction ends. */
export async function lockHouseholdOf(tx: Tx<DB>, personId: string): Promise<LosersHousehold | undefined> {
  const { rows } = await sql<LosersHousehold>`select h.id, h.region, h.place, h.status = 'moving' as moving,
      monitoring.is_watched(h) as watched, h.able_workers as "ableWorkers"
    from monitoring.household h
    where h.id = (select household_id from monitoring.person where id = ${personId}::uuid and status = 'member') for no key update`.execute(
    tx,
  );
  return rows[0];
}

/** Who goes round to a household: whose grid it is in, or else who has been grid worker of its village the longest. */
export async function gridWorkerOf(tx: Tx<DB>, household: { id: string; place: string }): Promise<string | undefined> {
  const { rows } = await sql<{
    subject: string;
  }>`(select subject from kit.assignment where kind = 'grid' and valid_to is null and household_id = ${household.id}::uuid)
    union all (select subject from monitoring.grid_worker where region = ${household.place} and until_date is null order by from_date, id limit 1) limit 1`.execute(
    tx,
  );
  return rows[0]?.subject;
}

/** Whether the person's same time without work was found to be no risk already, told of by another record: no other work began between the two losses. */
export async function wasFoundFalse(tx: Tx<DB>, loss: WorkLoss): Promise<boolean> {
  const { rows } =
    await sql`select from monitoring.work_loss o join monitoring.risk_lead l on l.id = o.lead_id and l.status = 'rejected'
    where o.person_id = ${loss.personId}::uuid and (o.source_kind, o.source_id) <> (${loss.sourceKind}, ${loss.sourceId}::uuid)
      and not exists (select from monitoring.person_work w where w.person_id = o.person_id and w.from_date > o.lost_on and w.from_date <= ${loss.lostOn}::date)
    limit 1`.execute(tx);
  return rows.length > 0;
}

/** Ends the stop of a person's wage that employment's word had begun, the day before other work began. */
export async function endToldStops(tx: Tx<DB>, personId: string, workFrom: string): Promise<void> {
  await sql`update monitoring.wage_stop set until_date = greatest(from_date, ${workFrom}::date - 1)
    where person_id = ${personId}::uuid and until_date is null and source_department = 'employment'`.execute(tx);
}
