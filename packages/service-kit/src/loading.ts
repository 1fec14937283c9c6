import { province } from "@shouwang/regions";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Executor } from "./database.ts";
import type { LoadingRow } from "./loading-decide.ts";
import { actorOf, type Principal } from "./principal.ts";

/** A document that sets values: its number, and what else is known of it. */
export type LoadingDocument = {
  document: string;
  title?: string | undefined;
  issuedBy?: string | undefined;
  issuedOn?: string | undefined;
};

/** A setting after a change: one key, division and first day, with the value that holds now (null once withdrawn). */
export type SettingState = {
  settingId: string;
  version: number;
  key: string;
  region: string;
  value: unknown;
  validFrom: string;
  validTo: string | null;
};

export type Loading = {
  id: string;
  region: string;
  document: string;
  title: string | null;
  issuedBy: string | null;
  issuedOn: string | null;
  rows: number;
  loadedAt: Date;
  withdrawnAt: Date | null;
  withdrawnBecause: string | null;
};

const loadingColumns = sql`id, region, document, title, issued_by as "issuedBy", issued_on as "issuedOn", rows, loaded_at as "loadedAt",
  withdrawn_at as "withdrawnAt", withdrawn_because as "withdrawnBecause"`;
const stateColumns = sql`setting_id as "settingId", version, key, region, value, valid_from as "validFrom", valid_to as "validTo"`;

/**
 * Sets what a document says, all of it or nothing. A setting of the same key, division and first day is replaced and kept in the history.
 * The caller has checked the rows with `checkLoading`.
 */
export async function loadDocument(
  tx: Executor,
  principal: Principal,
  about: LoadingDocument,
  rows: readonly LoadingRow[],
  now: Date,
): Promise<{ loadingId: string; settings: SettingState[] }> {
  // One document after another: two that set the same thing at once would each replace what the other has not written yet.
  await sql`select pg_advisory_xact_lock(hashtextextended('kit.loading', 0))`.execute(tx);
  const loadingId = uuidv7();
  const actor = actorOf(principal);
  await sql`insert into kit.loading (id, region, document, title, issued_by, issued_on, rows, loaded_by, loaded_at)
    values (${loadingId}, ${areaOf(principal)}, ${about.document}, ${about.title ?? null}, ${about.issuedBy ?? null}, ${about.issuedOn ?? null},
      ${rows.length}, ${actor}, ${now})`.execute(tx);
  await sql`update kit.parameter p set replaced_at = clock_timestamp() from ${incoming(rows)}
    where p.key = i.key and p.region = i.region and p.valid_from = i.valid_from and p.replaced_at is null`.execute(tx);
  const { rows: settings } =
    await sql<SettingState>`insert into kit.parameter (id, key, region, value, valid_from, valid_to, document, loaded_by, loading_id, setting_id, version)
    select i.id, i.key, i.region, i.value, i.valid_from, i.valid_to, ${about.document}, ${actor}, ${loadingId}, coalesce(h.setting_id, i.id), coalesce(h.version, 0) + 1
    from ${incoming(rows)} left join lateral (select setting_id, version from kit.parameter p
      where p.key = i.key and p.region = i.region and p.valid_from = i.valid_from order by version desc limit 1) h on true
    returning ${stateColumns}`.execute(tx);
  return { loadingId, settings };
}

/** Area of whoever loads: the whole region where the system itself does. */
const areaOf = ({ region }: Principal): string => (region === "" ? province().code : region.padEnd(12, "0"));

const incoming = (
  rows: readonly LoadingRow[],
) => sql`(select * from unnest(${rows.map(() => uuidv7())}::uuid[], ${rows.map((row) => row.key)}::text[],
  ${rows.map((row) => row.region)}::text[], ${rows.map((row) => JSON.stringify(row.value))}::jsonb[], ${rows.map((row) => row.validFrom)}::date[],
  ${rows.map((row) => row.validTo)}::date[]) as given (id, key, region, value, valid_from, valid_to)) i`;

/** Sets one value by a document; see `loadDocument`. */
export async function loadParameter(
  tx: Executor,
  principal: Principal,
  row: { key: string; region: string; value: unknown; validFrom: string; validTo?: string; document: string },
  now: Date = new Date(),
): Promise<SettingState[]> {
  const { document, validTo = null, ...rest } = row;
  return (await loadDocument(tx, principal, { document }, [{ ...rest, validTo }], now)).settings;
}

export async function findLoading(tx: Executor, id: string): Promise<Loading | undefined> {
  const { rows } = await sql<Loading>`select ${loadingColumns} from kit.loading where id = ${id}`.execute(tx);
  return rows[0];
}

/** Loadings, the newest first; `limit + 1` of them, so that the caller sees whether there are more. */
export async function listLoadings(tx: Executor, after: string | undefined, limit: number): Promise<Loading[]> {
  const { rows } =
    await sql<Loading>`select ${loadingColumns} from kit.loading where ${after ?? null}::uuid is null or id < ${after ?? null}::uuid
    order by id desc limit ${limit + 1}`.execute(tx);
  return rows;
}

/** What a document set, whether it still holds or not. */
export async function settingsOf(tx: Executor, loadingId: string): Promise<(SettingState & { holds: boolean })[]> {
  const { rows } = await sql<
    SettingState & { holds: boolean }
  >`select ${stateColumns}, replaced_at is null as holds from kit.parameter
    where loading_id = ${loadingId} order by key, region, valid_from`.execute(tx);
  return rows;
}

/**
 * Takes a document back: what it set holds no longer, and what it had replaced holds again unless that was taken back too.
 * @returns the settings as they are now; undefined when it was taken back already
 */
export async function withdrawLoading(
  tx: Executor,
  principal: Principal,
  id: string,
  because: string,
  now: Date,
): Promise<SettingState[] | undefined> {
  await sql`select pg_advisory_xact_lock(hashtextextended('kit.loading', 0))`.execute(tx);
  const actor = actorOf(principal);
  const taken = await sql`update kit.loading set withdrawn_by = ${actor}, withdrawn_at = ${now}, withdrawn_because = ${because}
    where id = ${id} and withdrawn_at is null`.execute(tx);
  if (taken.numAffectedRows !== 1n) return undefined;
  const { rows: gone } = await sql<SettingState>`update kit.parameter set replaced_at = clock_timestamp()
    where loading_id = ${id} and replaced_at is null returning ${stateColumns}`.execute(tx);
  const settings: SettingState[] = [];
  for (const one of gone) {
    const { rows: back } =
      await sql<SettingState>`insert into kit.parameter (id, key, region, value, valid_from, valid_to, document, loaded_by, loading_id, setting_id, version)
      select ${uuidv7()}, key, region, value, valid_from, valid_to, document, ${actor}, loading_id, setting_id, ${one.version + 1}
      from kit.parameter p where p.setting_id = ${one.settingId} and p.version < ${one.version}
        and not exists (select from kit.loading l where l.id = p.loading_id and l.withdrawn_at is not null)
      order by version desc limit 1 returning ${stateColumns}`.execute(tx);
    settings.push(back[0] ?? (await leaveEmpty(tx, one, actor)));
  }
  return settings;
}

/** Notes that nothing holds for a setting any more, so that its versions go on from there. */
async function leaveEmpty(tx: Executor, gone: SettingState, actor: string): Promise<SettingState> {
  const version = gone.version + 1;
  await sql`insert into kit.parameter (id, key, region, value, valid_from, valid_to, document, loaded_by, setting_id, version, replaced_at)
    select ${uuidv7()}, key, region, 'null'::jsonb, valid_from, valid_to, document, ${actor}, setting_id, ${version}, clock_timestamp()
    from kit.parameter where setting_id = ${gone.settingId} and version = ${gone.version}`.execute(tx);
  return { ...gone, value: null, version };
}
