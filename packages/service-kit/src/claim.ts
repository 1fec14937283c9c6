import type { EventDraft } from "@shouwang/contract";
import { Refusal } from "@shouwang/contract";
import type { Bulk } from "./bulk.ts";
import { businessDate } from "./calendar.ts";
import { claimBulks } from "./claim-bulk.ts";
import { makingRoutes } from "./claim-make.ts";
import { type ClaimOffice, postingEvent } from "./claim-office.ts";
import { readingRoutes } from "./claim-read.ts";
import { approvalRoute, checkRoutes, objectionRoutes } from "./claim-review.ts";
import { type Acting, doStep, makeClaim, settlerOf } from "./claim-step.ts";
import { type Claim, lockClaim, runPostings } from "./claim-store.ts";
import { moneyRoutes, returningRoutes } from "./claim-undo.ts";
import type { Tx } from "./database.ts";
import type { Route, Schedule } from "./declare.ts";
import type { Settler } from "./payment-request.ts";
import { closePosting, lockPosting } from "./posting.ts";
import { system } from "./principal.ts";

/** What a service gets for one kind of claim, to put into a slice of its own. */
export type ClaimParts<Db> = {
  routes: readonly Route<Db>[];
  bulks: readonly Bulk<Db>[];
  schedules: readonly Schedule<Db>[];
  /** For `paymentReader`: what the claim does when funds has spoken. */
  settler: Settler<Db>;
  /** Makes a claim inside a job or another command, by the rules of an entry by hand. Its audit is the caller's. */
  make(tx: Tx<Db>, entry: unknown, given: Acting): Promise<Claim | Refusal>;
};

/**
 * Carries out one kind of claim of money: drafts, the village's check, the posting with its objections, the township's check, the county's approval with keys in
 * the whole region, the payment with everything that can become of it, returns, rejections and their appeal, and all of it in bulk.
 */
export function claimParts<Db>(office: ClaimOffice<Db>): ClaimParts<Db> {
  const { kind } = office;
  const { checkInVillage, post, clear, checkInTownship } = checkRoutes(office);
  const { object, answer } = objectionRoutes(office);
  const { sendBack, reject, reopen } = returningRoutes(office);
  const { makeVoid, resend, clawBack } = moneyRoutes(office);
  const approve = approvalRoute(office);
  return {
    routes: [
      ...makingRoutes(office),
      ...[checkInVillage, post, object, answer, clear, checkInTownship, approve],
      ...[sendBack, reject, reopen, makeVoid, resend, clawBack],
      ...readingRoutes(office),
    ],
    bulks: claimBulks(kind, [
      { step: "village-check", route: checkInVillage, leadsTo: "village-checked" },
      { step: "posting", route: post, leadsTo: "posted" },
      { step: "clearing", route: clear, leadsTo: "cleared" },
      { step: "township-check", route: checkInTownship, leadsTo: "township-checked" },
      { step: "county-approval", route: approve, leadsTo: "awaiting-funds" },
      { step: "resending", route: resend, leadsTo: "awaiting-funds" },
    ]),
    schedules: [clearing(office)],
    settler: settlerOf(kind),
    make: async (tx, entry, given) => {
      const made = await makeClaim(tx, kind, entry, given);
      return made instanceof Refusal ? made : made.claim;
    },
  };
}

/** Claims of which a run of the schedule clears so many at a time. */
const chunk = 200;

/** Each day clears the claims whose posting has run its days without an open objection: nobody need ask for what only time decides. */
function clearing<Db>(office: ClaimOffice<Db>): Schedule<Db> {
  const { kind } = office;
  const name = `clear-${kind.kind}`;
  return {
    name,
    everyMs: 60_000,
    slot: businessDate,
    run: async ({ tx, now, today, keys }) => {
      const ids = await runPostings(tx, kind.kind, today, chunk);
      const events: EventDraft[] = [];
      for (const id of ids) {
        const claim = await lockClaim(tx, kind.kind, id);
        const posting = claim && (await lockPosting(tx, kind.kind, id));
        if (!claim || !posting) continue;
        // The step is the village's, taken for it by the clock.
        const actor = { ...system(`schedule:${name}`), roles: ["village-officer" as const] };
        const done = await doStep(tx, kind, claim, { step: "clearing" }, { actor, now, today, keys }, { outcome: "cleared" });
        if (done instanceof Refusal) continue;
        await closePosting(tx, posting.id, "cleared", now);
        events.push(...done.events, postingEvent(office, posting, "cleared", posting.version + 1));
      }
      const more = ids.length === chunk;
      return { events, more, notYet: more };
    },
  };
}
