import { MeasureCategory } from "@shouwang/contract";
import { addDays, type Keys, openRecord, parseBusinessDate, sealRecord, startOfDay, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringIncomeCampaign } from "../db.ts";
import { afterPlace, type Place } from "../focus-household/condition-store.ts";
import type { Share } from "../share-indicator.ts";
import type { Campaign, CampaignAction, CampaignFigures } from "./decide.ts";

const Secret = z.object({ title: z.string(), ownerUnit: z.string() });
const Figures = z.object({ households: z.int(), helped: z.int(), measures: z.int(), amountFen: z.int() });
const placeOf = (id: string, part = "") => ({ table: "monitoring.income_campaign", id: `${id}${part}` });

const fromRow = (keys: Keys, row: Selectable<MonitoringIncomeCampaign>, actions: CampaignAction[]): Campaign => ({
  id: row.id,
  region: row.region,
  year: row.year,
  ...openRecord(keys, placeOf(row.id), row.secret, Secret),
  // Safe: a check constraint holds the column to the union.
  status: row.status as Campaign["status"],
  budgetFen: row.budget_fen,
  expectedAddedFen: row.expected_added_fen,
  startsOn: row.starts_on,
  endsOn: row.ends_on,
  actions,
  findings: row.findings
    ? openRecord(keys, placeOf(row.id, "/findings"), row.findings, z.object({ findings: z.string() })).findings
    : null,
  figures: row.figures === null ? null : Figures.parse(row.figures),
  author: row.author,
  closedOn: row.closed_on,
  version: row.version,
});

export async function insertCampaign(tx: Tx<DB>, keys: Keys, campaign: Campaign): Promise<void> {
  const { title, ownerUnit } = campaign;
  await tx
    .insertInto("monitoring.income_campaign")
    .values({
      id: campaign.id,
      region: campaign.region,
      year: campaign.year,
      secret: sealRecord(keys, placeOf(campaign.id), { title, ownerUnit }),
      status: campaign.status,
      budget_fen: campaign.budgetFen,
      expected_added_fen: campaign.expectedAddedFen,
      starts_on: campaign.startsOn,
      ends_on: campaign.endsOn,
      author: campaign.author,
    })
    .execute();
  await tx
    .insertInto("monitoring.income_campaign_action")
    .values(
      campaign.actions.map((action, n) => ({
        campaign_id: campaign.id,
        n,
        region: campaign.region,
        category: action.category,
        detail: sealRecord(keys, placeOf(campaign.id, `/${n}`), { detail: action.detail }),
        budget_fen: action.budgetFen,
        expected_added_fen: action.expectedAddedFen,
      })),
    )
    .execute();
}

export async function saveCampaign(tx: Tx<DB>, keys: Keys, campaign: Campaign): Promise<void> {
  const { findings, figures } = campaign;
  await tx
    .updateTable("monitoring.income_campaign")
    .set({
      status: campaign.status,
      findings: findings === null ? null : sealRecord(keys, placeOf(campaign.id, "/findings"), { findings }),
      figures: figures === null ? null : JSON.stringify(figures),
      closed_on: campaign.closedOn,
      version: campaign.version,
    })
    .where("id", "=", campaign.id)
    .execute();
}

async function actionsOf(tx: Tx<DB>, keys: Keys, campaignId: string): Promise<CampaignAction[]> {
  const rows = await tx
    .selectFrom("monitoring.income_campaign_action")
    .selectAll()
    .where("campaign_id", "=", campaignId)
    .orderBy("n")
    .execute();
  return rows.map((row) => ({
    category: MeasureCategory.parse(row.category),
    detail: openRecord(keys, placeOf(campaignId, `/${row.n}`), row.detail, z.object({ detail: z.string() })).detail,
    budgetFen: row.budget_fen,
    expectedAddedFen: row.expected_added_fen,
  }));
}

export async function findCampaign(tx: Tx<DB>, keys: Keys, id: string): Promise<Campaign | undefined> {
  const row = await tx.selectFrom("monitoring.income_campaign").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(keys, row, await actionsOf(tx, keys, id));
}

export async function lockCampaign(tx: Tx<DB>, keys: Keys, id: string): Promise<Campaign | undefined> {
  const row = await tx.selectFrom("monitoring.income_campaign").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(keys, row, await actionsOf(tx, keys, id));
}

/** Campaigns of the caller's area in order of their id; `limit + 1` rows. */
export async function listCampaigns(
  tx: Tx<DB>,
  keys: Keys,
  filter: { after: string | undefined; limit: number },
): Promise<Campaign[]> {
  let query = tx
    .selectFrom("monitoring.income_campaign")
    .selectAll()
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.after) query = query.where("id", ">", filter.after);
  const campaigns = [];
  for (const row of await query.execute()) campaigns.push(fromRow(keys, row, await actionsOf(tx, keys, row.id)));
  return campaigns;
}

/** Puts focus households of an area into a campaign: those named, or all. One that another campaign of the year targets stays there. @returns how many were added */
export async function targetHouseholds(
  tx: Tx<DB>,
  campaign: Campaign,
  given: { area: { lo: string; hi: string }; householdIds: readonly string[] | undefined },
): Promise<number> {
  const { area, householdIds } = given;
  const result = await sql`insert into monitoring.income_campaign_household (household_id, campaign_id, region, year)
    select f.household_id, ${campaign.id}::uuid, f.region, ${campaign.year} from monitoring.focus_household f
    where f.year = ${campaign.year} and f.removed_on is null and f.region >= ${area.lo} and f.region < ${area.hi}
      and ${householdIds === undefined ? sql`true` : sql`f.household_id = any (${[...householdIds]}::uuid[])`}
    order by f.household_id on conflict on constraint income_campaign_household_pk do nothing`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

export async function countTargeted(tx: Tx<DB>, campaignId: string): Promise<number> {
  const { rows } = await sql<{ households: number }>`select count(*) as households from monitoring.income_campaign_household
    where campaign_id = ${campaignId}::uuid`.execute(tx);
  return rows[0]?.households ?? 0;
}

/**
 * What a campaign has come to: measures of its actions' kinds delivered to its households in its days. A measure credited from another department is one row by
 * that department's own record, so nothing counts twice.
 */
export async function campaignFigures(tx: Tx<DB>, campaign: Campaign): Promise<CampaignFigures> {
  const from = startOfDay(parseBusinessDate(campaign.startsOn));
  const until = startOfDay(addDays(parseBusinessDate(campaign.endsOn), 1));
  const { rows } = await sql<CampaignFigures>`select count(*) as households, count(*) filter (where g.measures > 0) as helped,
      coalesce(sum(g.measures), 0)::bigint as measures, coalesce(sum(g.amount), 0)::bigint as "amountFen"
    from monitoring.income_campaign_household t cross join lateral (
      select count(*) as measures, coalesce(sum(m.amount_fen), 0) as amount from monitoring.measure m
      where m.household_id = t.household_id and m.taken_back_on is null and m.implemented_at >= ${from} and m.implemented_at < ${until}
        and m.category = any (${campaign.actions.map((action) => action.category)}::text[])) g
    where t.campaign_id = ${campaign.id}::uuid`.execute(tx);
  return rows[0] ?? { households: 0, helped: 0, measures: 0, amountFen: 0 };
}

/** Focus households of a year with how many measures they were given in it: two sets laid over each other and grouped, never joined (see monthly help). */
const given = (year: number, area: { lo: string; hi: string }) => sql`(
    select household_id, max(place) as region, sum(measures)::int as measures from (
      select f.household_id, f.region as place, 0 as measures from monitoring.focus_household f
        where f.year = ${year} and f.removed_on is null and f.region >= ${area.lo} and f.region < ${area.hi}
      union all select m.household_id, null, 1 from monitoring.measure m
        where m.taken_back_on is null and m.implemented_at >= ${startOfDay(parseBusinessDate(`${year}-01-01`))} and m.implemented_at < ${startOfDay(parseBusinessDate(`${year + 1}-01-01`))}
          and m.region >= ${area.lo} and m.region < ${area.hi}) laid
    group by household_id having max(place) is not null)`;

/** M-06: focus households with the fitting measures they are owed in the year. */
export async function measureShare(
  tx: Tx<DB>,
  about: { year: number; least: number; area: { lo: string; hi: string } },
): Promise<Share> {
  const { rows } =
    await sql<Share>`select count(*) as denominator, count(*) filter (where g.measures >= ${about.least}) as numerator
    from ${given(about.year, about.area)} g`.execute(tx);
  return rows[0] ?? { numerator: 0, denominator: 0 };
}

/** Focus households still without them, in order of village and household; `limit + 1` rows. */
export async function listWithoutMeasure(
  tx: Tx<DB>,
  about: { year: number; least: number; area: { lo: string; hi: string }; after: Place | undefined; limit: number },
): Promise<(Place & { measures: number })[]> {
  const { rows } = await sql<
    Place & { measures: number }
  >`select g.region, g.household_id as "householdId", g.measures from ${given(about.year, about.area)} g
    where g.measures < ${about.least} and ${afterPlace(sql`g.region`, sql`g.household_id`, about.after)}
    order by g.region, g.household_id limit ${about.limit + 1}`.execute(tx);
  return rows;
}
