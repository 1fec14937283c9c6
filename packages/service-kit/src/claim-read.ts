import { Bilingual, PersonId, refuse, Year } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { z } from "zod";
import { claimChain, waitingFor } from "./claim-chain.ts";
import { approvalOf, claimStatusTitles } from "./claim-decide.ts";
import { claimFigures, claimsByStatus } from "./claim-figure-store.ts";
import { notesOf } from "./claim-note.ts";
import { answered, type ClaimOffice } from "./claim-office.ts";
import { findClaim, listClaims } from "./claim-store.ts";
import { ClaimPath, ClaimStatusName, ClaimView, claimDetail, claimView, noteViews } from "./claim-views.ts";
import { kitFor, type Route } from "./declare.ts";
import { everyone } from "./offices.ts";
import { afterCursor, cutPage, PageQuery, pageOf } from "./page.ts";
import { findPayment } from "./payment-request.ts";
import { findPosting, objectionsTo } from "./posting.ts";
import { stepsOf } from "./review-chain.ts";

/** What a kind's claims can be chosen by, in lists and in bulk. */
export const ClaimChoice = z.object({
  region: z
    .string()
    .regex(/^[1-9]\d(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/, "a division's digits")
    .optional()
    .describe("The caller's own where absent"),
  period: z
    .string()
    .regex(/^[a-z0-9:-]{4,120}$/)
    .optional()
    .describe("Year or month, or how its period begins"),
});

const InPeriod = z
  .string()
  .regex(/^\d{4}(-(0[1-9]|1[0-2]))?$/)
  .optional();
const Figures = z.object({
  month: z.string(),
  ...{ claimed: z.int().describe("Distinct people, households or things"), claimedFen: z.int() },
  ...{ approved: z.int(), approvedFen: z.int(), paid: z.int(), paidFen: z.int() },
});
const nothing = { month: "", claimed: 0, claimedFen: 0, approved: 0, approvedFen: 0, paid: 0, paidFen: 0 };

/** The questions about a kind's claims: a list that can be a file, one claim with its whole history, and what waits where. */
export function readingRoutes<Db>({ kind, officersOf }: ClaimOffice<Db>): Route<Db>[] {
  const { query } = kitFor<Db>(officersOf ? { officersOf } : {});
  const list = query(
    {
      operation: `list-${kind.kind}`,
      path: kind.path,
      summary: { zh: `申请列表:${kind.title.zh}`, en: `List claims: ${kind.title.en}` },
      clauses: [kind.clause],
      allow: everyone,
      query: PageQuery.extend(ClaimChoice.shape).extend({
        status: ClaimStatusName.optional(),
        personId: PersonId.optional(),
        waiting: z.literal("me").optional().describe("Only what waits for the caller's own office"),
        late: z.stringbool().optional().describe("Only what has waited longer at its step than the settings allow"),
        madeIn: InPeriod.describe("Year or month in which it was made"),
        approvedIn: InPeriod.describe("Year or month in which it was approved"),
        paidIn: InPeriod.describe("Year or month in which the money arrived"),
        listAwaited: z.stringbool().optional().describe("Only what rests on a list that is not loaded yet"),
      }),
      reply: pageOf(ClaimView),
      problems: [],
      exports: { codes: { status: claimStatusTitles } },
    },
    async ({ tx, query: { region, cursor, limit, status, waiting, late, ...filter }, actor, now }) => {
      const mine = waiting === "me" ? waitingFor(actor.roles) : undefined;
      const statuses = status && mine ? mine.filter((one) => one === status) : (mine ?? (status && [status]));
      const chosen = { ...filter, area: rangeOf(region ?? actor.region), statuses, lateAt: late ? now : undefined };
      const rows = await listClaims(tx, kind.kind, chosen, { after: afterCursor(cursor), limit });
      const page = cutPage(rows, limit, ({ id }) => id);
      const people = page.items.flatMap(({ personId }) => personId ?? []);
      const names = people.length > 0 ? await kind.names(tx, people) : new Map<string, string>();
      return { reply: { items: page.items.map((claim) => claimView(claim, names, now)), next: page.next } };
    },
  );
  const read = query(
    {
      operation: `read-${kind.kind}`,
      path: `${kind.path}/{claimId}`,
      summary: { zh: `查看申请及办理经过:${kind.title.zh}`, en: `Read a claim and its history: ${kind.title.en}` },
      clauses: [kind.clause],
      allow: everyone,
      params: ClaimPath,
      reply: claimDetail(kind.facts),
      problems: ["claim-not-found"],
      opens: ({ params, reply }) => ({
        ...{ action: "open-claim", entity: kind.kind, entityId: params.claimId, region: reply.region },
      }),
    },
    async ({ tx, params, keys, now }) => {
      const claim = await findClaim(tx, kind.kind, params.claimId);
      if (!claim) return refuse("claim-not-found");
      const posting = await findPosting(tx, kind.kind, claim.id);
      const approval = approvalOf(claim.standing);
      const steps = await stepsOf(tx, claimChain.name, claim.id);
      const payment = approval && (await findPayment(tx, approval.paymentId));
      return {
        reply: {
          ...(await answered(tx, kind, claim, now)),
          facts: claim.facts,
          steps: steps.map(({ step, outcome, actor, actingFor, at }) => ({
            step,
            outcome,
            actor,
            actingFor,
            at: at.toISOString(),
          })),
          notes: noteViews(await notesOf(tx, keys, claim.id)),
          posting: posting
            ? {
                ...{ postingId: posting.id, startsOn: posting.startsOn, lastDay: posting.lastDay, state: posting.state },
                ...{ body: posting.body, openObjections: posting.openObjections },
              }
            : null,
          objections: posting ? await objectionsTo(tx, keys, posting.id) : [],
          payment: payment ?? null,
        },
      };
    },
  );
  const count = query(
    {
      operation: `count-${kind.kind}-by-step`,
      path: `/${kind.kind}-steps`,
      summary: {
        zh: `各环节件数、超时件数和金额:${kind.title.zh}`,
        en: `How many claims stand at each step, how many have waited too long, what they come to: ${kind.title.en}`,
      },
      clauses: [kind.clause],
      allow: everyone,
      query: ClaimChoice,
      reply: z.object({
        title: Bilingual,
        items: z.array(
          z.object({
            status: ClaimStatusName,
            claims: z.int(),
            persons: z.int().describe("Distinct people, households or things they are for"),
            amountFen: z.int(),
            late: z.int(),
            oldest: z.string().describe("Since when the oldest waits"),
          }),
        ),
      }),
      problems: [],
    },
    async ({ tx, query: { region, period }, actor, now }) => {
      const rows = await claimsByStatus(tx, kind.kind, { area: rangeOf(region ?? actor.region), period }, now);
      return {
        reply: { title: kind.title, items: rows.map(({ oldest, ...row }) => ({ ...row, oldest: oldest.toISOString() })) },
      };
    },
  );
  const months = query(
    {
      operation: `count-${kind.kind}-by-month`,
      path: `/${kind.kind}-months`,
      summary: {
        zh: `各月申请、审定、发放的人数和金额:${kind.title.zh}`,
        en: `Who claimed, was granted and was paid in each month, and how much: ${kind.title.en}`,
      },
      clauses: [kind.clause],
      allow: everyone,
      query: z.object({
        region: ClaimChoice.shape.region,
        year: z.coerce.number().pipe(Year).describe("Of the days on which it happened"),
      }),
      reply: z.object({ title: Bilingual, year: Figures.omit({ month: true }), items: z.array(Figures) }),
      problems: [],
    },
    async ({ tx, query: { region, year }, actor }) => {
      const area = rangeOf(region ?? actor.region);
      const [whole = nothing] = await claimFigures(tx, kind.kind, area, String(year));
      const { month: _, ...of } = whole;
      return { reply: { title: kind.title, year: of, items: await claimFigures(tx, kind.kind, area, String(year), true) } };
    },
  );
  return [list, count, months, read];
}
