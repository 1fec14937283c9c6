import { PublicWelfarePostState } from "@shouwang/contract";
import {
  type Keys,
  openRecord,
  type ParameterReader,
  parseBusinessDate,
  readParameters,
  sealRecord,
  type Tx,
} from "@shouwang/service-kit";
import { type RawBuilder, type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, EmploymentPublicWelfarePost } from "../db.ts";
import {
  dayThatCounts,
  type FloorReason,
  type Post,
  type PostMode,
  type PostTerms,
  type RateBounds,
  standardOf,
} from "./decide.ts";

/** What a post is called, where it is done and what was remarked. */
export const PostSecret = z.object({ title: z.string(), place: z.string(), note: z.string().nullable() });
export type PostSecret = z.infer<typeof PostSecret>;
const placeOfSecret = (id: string) => ({ table: "employment.public_welfare_post", id });

export type PostRow = Post & { secret: Buffer };
const { kind, source } = PublicWelfarePostState.shape;

const fromRow = (row: Selectable<EmploymentPublicWelfarePost>): PostRow => ({
  id: row.id,
  region: row.region,
  kind: kind.parse(row.kind),
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  mode: row.mode as PostMode,
  source: source.parse(row.source),
  headcount: row.headcount,
  rateFen: row.rate_fen,
  unitsPerMonth: row.units_per_month,
  floorReason: row.floor_reason as FloorReason | null,
  from: row.from_date,
  until: row.until_date,
  status: row.status as Post["status"],
  closedBecause: row.closed_because,
  plannedBy: row.planned_by,
  version: row.version,
  told: row.told,
  secret: row.secret,
});

const termsToRow = (mode: PostMode, terms: PostTerms) => ({
  headcount: terms.headcount,
  rate_fen: terms.rateFen,
  units_per_month: terms.unitsPerMonth,
  standard_fen: standardOf(mode, terms),
  floor_reason: terms.floorReason,
});

/** The post's whole public state, as its events carry it; a post is told of from its opening on. */
export const stateOfPost = (post: Post): z.input<typeof PublicWelfarePostState> => ({
  postId: post.id,
  region: post.region,
  kind: post.kind,
  mode: post.mode,
  headcount: post.headcount,
  postRateFen: standardOf(post.mode, post),
  source: post.source,
  from: post.from,
  until: post.until,
  status: post.status === "closed" ? "closed" : "open",
});

export async function insertPost(tx: Tx<DB>, keys: Keys, post: Post, secret: PostSecret): Promise<void> {
  await tx
    .insertInto("employment.public_welfare_post")
    .values({
      ...termsToRow(post.mode, post),
      ...{ id: post.id, region: post.region, kind: post.kind, mode: post.mode, source: post.source },
      ...{ from_date: post.from, until_date: post.until, planned_by: post.plannedBy },
      secret: sealRecord(keys, placeOfSecret(post.id), secret),
    })
    .execute();
}

export async function savePost(tx: Tx<DB>, post: Post): Promise<void> {
  await tx
    .updateTable("employment.public_welfare_post")
    .set({
      ...termsToRow(post.mode, post),
      ...{ from_date: post.from, until_date: post.until, status: post.status, closed_because: post.closedBecause },
      ...{ version: post.version, told: post.told },
    })
    .where("id", "=", post.id)
    .execute();
}

export const openPostSecret = (keys: Keys, { id, secret }: PostRow): PostSecret =>
  openRecord(keys, placeOfSecret(id), secret, PostSecret);

export async function findPost(tx: Tx<DB>, id: string): Promise<PostRow | undefined> {
  const row = await tx.selectFrom("employment.public_welfare_post").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** A post of the caller's area, locked: what is decided about its places and terms is decided one after the other. */
export async function lockPost(tx: Tx<DB>, id: string): Promise<PostRow | undefined> {
  const row = await tx
    .selectFrom("employment.public_welfare_post")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  return row && fromRow(row);
}

export type PostFilter = {
  area: { lo: string; hi: string };
  status?: string | undefined;
  kind?: string | undefined;
  mode?: string | undefined;
  /** In force on one of these days. */
  days?: { from: string; to: string } | undefined;
  openedFrom?: string | undefined;
  /** In force today, with a rate that stands here. */
  standing?: { is: string; expression: RawBuilder<string>; today: string } | undefined;
  after?: string | undefined;
  limit: number;
};

/** Posts of the caller's area in order of their id; `limit + 1` rows. */
export async function listPosts(tx: Tx<DB>, filter: PostFilter): Promise<PostRow[]> {
  let query = tx
    .selectFrom("employment.public_welfare_post as p")
    .selectAll()
    .where("region", ">=", filter.area.lo)
    .where("region", "<", filter.area.hi)
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.status) query = query.where("status", "=", filter.status);
  if (filter.kind) query = query.where("kind", "=", filter.kind);
  if (filter.mode) query = query.where("mode", "=", filter.mode);
  if (filter.days)
    query = query
      .where("status", "in", ["open", "closed"])
      .where(sql<boolean>`from_date <= ${filter.days.to} and coalesce(until_date, 'infinity'::date) >= ${filter.days.from}`);
  if (filter.openedFrom) query = query.where("from_date", ">=", filter.openedFrom);
  if (filter.standing) {
    const { is, expression, today } = filter.standing;
    query = query
      .where("status", "=", "open")
      .where(
        sql<boolean>`from_date <= ${today} and coalesce(until_date, 'infinity'::date) >= ${today} and ${expression} = ${is}`,
      );
  }
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

export type Term = PostTerms & { n: number; from: string; state: "proposed" | "confirmed" | "refused"; document: string | null };

/** Every term of a post, the first first. */
export async function termsOf(tx: Tx<DB>, postId: string): Promise<Term[]> {
  const { rows } =
    await sql<Term>`select n, from_date as "from", headcount, rate_fen as "rateFen", units_per_month as "unitsPerMonth",
    floor_reason as "floorReason", state, document from employment.post_term where post_id = ${postId} order by n`.execute(tx);
  return rows;
}

/** Proposes terms of a post. @returns false where others wait already */
export async function proposeTerms(tx: Tx<DB>, post: Post, terms: PostTerms & { from: string }): Promise<boolean> {
  const row = termsToRow(post.mode, terms);
  const result =
    await sql`insert into employment.post_term (post_id, n, region, from_date, headcount, rate_fen, units_per_month, standard_fen, floor_reason)
    select ${post.id}, coalesce((select max(n) from employment.post_term where post_id = ${post.id}), 0) + 1, ${post.region}, ${terms.from}::date,
      ${row.headcount}, ${row.rate_fen}, ${row.units_per_month}, ${row.standard_fen}, ${row.floor_reason}
    on conflict (post_id) where state = 'proposed' do nothing`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Decides proposed terms. Confirmed terms of the same day give way to the new ones. */
export async function decideTerms(tx: Tx<DB>, postId: string, term: Term, document: string | null): Promise<void> {
  if (document !== null)
    await sql`update employment.post_term set state = 'refused', document = null
      where post_id = ${postId} and from_date = ${term.from}::date and state = 'confirmed'`.execute(tx);
  await sql`update employment.post_term set state = ${document === null ? "refused" : "confirmed"}, document = ${document}
    where post_id = ${postId} and n = ${term.n}`.execute(tx);
}

export const boundKeys = [
  ...(["minimumWage.class", "minimumWage.class1", "minimumWage.class2", "minimumWage.class3"] as const),
  ...(["post.ceilingFactor", "post.floorForDailyPosts", "ruralAllowance.annual"] as const),
] as const;

/** E-04: what rates of a county are compared with, by parameters read for one day. */
export function boundsFrom(read: ParameterReader, region: string, on: string): RateBounds {
  const county = region.slice(0, 6);
  const which = read("minimumWage.class", county);
  const wages = (["1", "2", "3"] as const).map((one) => ({ one, wage: read(`minimumWage.class${one}`, county) }));
  const own = wages.find(({ one }) => `class-${one}` === which.value)?.wage;
  const allowance = read("ruralAllowance.annual", county);
  return {
    on,
    wage: own ? { fen: own.value, document: own.document } : null,
    lowestWageFen: Math.min(...wages.map(({ wage }) => wage.value)),
    factor: read("post.ceilingFactor", county).value,
    allowance: allowance.value === null ? null : { fen: allowance.value, document: allowance.document },
    floorForAll: read("post.floorForDailyPosts", county).value,
  };
}

/** E-04: what a rate that holds from a day on is compared with. */
export async function boundsFor(tx: Tx<DB>, region: string, from: string): Promise<RateBounds> {
  const basis = (await readParameters(tx, ["post.valuesInForceOn"], from))("post.valuesInForceOn", region);
  const on = dayThatCounts(basis.value, parseBusinessDate(from));
  return boundsFrom(await readParameters(tx, boundKeys, on), region, on);
}
