import { Refusal, refuse } from "@shouwang/contract";
import { actorOf, afterCursor, cutPage, PageQuery, type Principal, pageOf, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command, query } from "../kit.ts";
import { rulesInForce } from "../screening/rule-store.ts";
import { screenHouseholds } from "../screening/run.ts";
import { findLayout } from "./layouts.ts";
import { candidatesOf, decideMatch, type FeedMatch, listMatches, lockMatch } from "./match-store.ts";
import { raiseMismatches } from "./mismatch.ts";
import { insertRecords, noteOutcomes } from "./record-store.ts";
import { findMember } from "./store.ts";
import { recordOf } from "./take-record.ts";

const MatchView = z.object({
  matchId: z.string(),
  feedId: z.string(),
  layout: z.string().describe("Kind of list"),
  region: z.string().describe("Village the row names"),
  day: z.string(),
  code: z.string().nullable(),
  amountFen: z.int().nullable(),
  status: z.enum(["open", "confirmed", "dismissed"]),
  candidates: z
    .array(z.object({ personId: z.string(), householdId: z.string(), name: z.string(), identityNumber: z.string() }))
    .describe("Members of that name and birth date in the village, masked"),
});

const confirmers = ["county-officer", "township-officer", "village-officer"] as const;
const MatchPath = z.object({ matchId: z.uuid() });

export const listFeedMatches = query(
  {
    operation: "list-feed-matches",
    path: "/feed-matches",
    summary: {
      zh: "待人工确认的比对结果(姓名、出生日期、村一致,证件号码不一致)",
      en: "Rows that fit a member by name, birth date and village and not by number: to be confirmed by a person",
    },
    clauses: ["M-01"],
    allow: confirmers,
    query: PageQuery.extend({ status: z.enum(["open", "confirmed", "dismissed"]).default("open") }),
    reply: pageOf(MatchView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit, status } }) => {
    const page = cutPage(await listMatches(tx, { status, after: afterCursor(cursor), limit }), limit, (match) => match.id);
    const people = await candidatesOf(
      tx,
      page.items.flatMap((match) => match.candidates),
    );
    const items = page.items.map((match) => ({
      matchId: match.id,
      feedId: match.feed_id,
      layout: match.layout,
      region: match.region,
      day: match.day,
      code: match.code,
      amountFen: match.amount_fen,
      status,
      candidates: match.candidates.flatMap((personId) => {
        const person = people.get(personId);
        return person ? [{ personId, ...person }] : [];
      }),
    }));
    return { reply: { items, next: page.next } };
  },
);

/** The match, locked and still to be decided. */
async function openMatch(tx: Tx<DB>, id: string): Promise<FeedMatch | Refusal<"feed-match-not-found" | "feed-match-decided">> {
  const match = await lockMatch(tx, id);
  if (!match) return refuse("feed-match-not-found");
  return match.status === "open" ? match : refuse("feed-match-decided");
}

const auditOf = (action: string, match: FeedMatch) => ({
  action,
  entity: "feed-match",
  entityId: match.id,
  region: match.region,
  clause: "M-01",
});

export const confirmFeedMatch = command(
  {
    method: "post",
    operation: "confirm-feed-match",
    path: "/feed-matches/{matchId}/confirmation",
    summary: { zh: "确认比对结果为某成员", en: "Say which member a row is about: it is taken in, and the household screened" },
    clauses: ["M-01"],
    allow: confirmers,
    params: MatchPath,
    body: z.object({ personId: z.uuid() }),
    reply: z.object({ matchId: z.string(), householdId: z.string(), outcome: z.string() }),
    problems: ["feed-match-not-found", "feed-match-decided", "invalid-input"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const match = await openMatch(tx, params.matchId);
    if (match instanceof Refusal) return match;
    const layout = findLayout(match.layout);
    const member = match.candidates.includes(body.personId) ? await findMember(tx, body.personId) : undefined;
    if (!member || !layout)
      return refuse("invalid-input", {
        errors: [{ pointer: "/personId", rule: "candidate", zh: "不在候选人员之列", en: "Not one of the candidates" }],
      });
    const row = {
      ...{ recordId: match.id, line: match.line, recordIndex: match.record_index, day: match.day, code: match.code },
      ...{ amountFen: match.amount_fen, totalFen: match.total_fen, secret: match.secret },
    };
    const { feed_id: feedId, department, document, data_date: dataDate } = match;
    const { record, mismatch } = recordOf(row, member, { feedId, department, document, dataDate }, layout);
    await insertRecords(tx, [record]);
    if (mismatch) await raiseMismatches(tx, keys, [mismatch], now);
    await decide(tx, match, "confirmed", actor, now);
    const rules = await rulesInForce(tx, member.region, today);
    const screened = await screenHouseholds(tx, rules, [member.householdId], { now, actor: actorOf(actor) });
    await noteOutcomes(tx, feedId, screened.households);
    const outcome = screened.households.get(member.householdId) ?? "no-finding";
    return {
      reply: { matchId: match.id, householdId: member.householdId, outcome },
      events: screened.events,
      audit: [{ ...auditOf("confirm-feed-match", match), changed: body }, ...screened.audit],
    };
  },
);

export const dismissFeedMatch = command(
  {
    method: "post",
    operation: "dismiss-feed-match",
    path: "/feed-matches/{matchId}/dismissal",
    summary: { zh: "排除比对结果", en: "Say that a row is about none of the candidates; it is not asked again" },
    clauses: ["M-01"],
    allow: confirmers,
    params: MatchPath,
    reply: z.object({ matchId: z.string() }),
    problems: ["feed-match-not-found", "feed-match-decided"],
  },
  async ({ tx, params, actor, now }) => {
    const match = await openMatch(tx, params.matchId);
    if (match instanceof Refusal) return match;
    await decide(tx, match, "dismissed", actor, now);
    return { reply: { matchId: match.id }, audit: [auditOf("dismiss-feed-match", match)] };
  },
);

const decide = (tx: Tx<DB>, match: FeedMatch, status: "confirmed" | "dismissed", actor: Principal, at: Date) =>
  decideMatch(tx, match.id, { status, by: actorOf(actor), at });
