import { type EventDraft, MonitoredCaseClosed, RiskLeadRejected } from "@shouwang/contract";
import { cancelDeadlines, closePosting, lockPosting, type Tx } from "@shouwang/service-kit";
import { endAppeals } from "../appeal/household-life.ts";
import type { DB } from "../db.ts";
import { releaseHelpers } from "../helper/end-help.ts";
import { closePlan } from "../household-plan/close.ts";
import { postingEvent } from "../monitored-case/chain.ts";
import { findOpenCase, lockCase, saveCase, stateOfCase } from "../monitored-case/store.ts";
import { closeReferrals } from "../referral/household-life.ts";
import { lockLead, saveLead, stateOfLead } from "../risk-lead/store.ts";
import { endSuspects } from "../suspect/household-life.ts";
import { lockOpenLeads } from "./store.ts";

/**
 * Ends what is open of a household that closes: its case by natural reduction with its plan, helpers and clocks, its leads, referrals, appeals and suspects,
 * which have nobody left to be about. The caller holds the household.
 */
export async function endBusiness(
  tx: Tx<DB>,
  householdId: string,
  given: { because: "death" | "moved-away" | "other"; actor: string; now: Date },
): Promise<EventDraft[]> {
  const events: EventDraft[] = [];
  const open = await findOpenCase(tx, householdId);
  const monitored = open && (await lockCase(tx, open.id));
  if (monitored) {
    const closed = {
      ...monitored,
      status: "closed" as const,
      clearanceStep: null,
      closedBecause: given.because,
      version: monitored.version + 1,
    };
    await saveCase(tx, closed);
    await cancelDeadlines(tx, "monitored-case", closed.id, given.now);
    const posting = await lockPosting(tx, "monitored-case", closed.id);
    if (posting?.state === "posted") {
      await closePosting(tx, posting.id, "withdrawn", given.now);
      events.push(postingEvent(posting, "withdrawn", posting.version + 1));
    }
    events.push(
      MonitoredCaseClosed.of(closed.id, closed.version, closed.region, stateOfCase(closed)),
      ...(await closePlan(tx, closed.id)),
      ...(await releaseHelpers(tx, closed.id, { because: "case-closed", now: given.now })),
    );
  }
  for (const leadId of await lockOpenLeads(tx, householdId)) {
    const lead = await lockLead(tx, leadId);
    if (!lead) continue;
    const rejected = {
      ...lead,
      status: "rejected" as const,
      rejectedBecause: given.because === "other" ? ("wrong-data" as const) : ("not-in-area" as const),
      version: lead.version + 1,
    };
    await saveLead(tx, rejected);
    await cancelDeadlines(tx, "risk-lead", rejected.id, given.now);
    events.push(RiskLeadRejected.of(rejected.id, rejected.version, rejected.region, stateOfLead(rejected)));
  }
  events.push(
    ...(await closeReferrals(tx, householdId, { actor: given.actor, now: given.now })),
    ...(await endAppeals(tx, householdId, given.now)),
    ...(await endSuspects(tx, householdId, given.now)),
  );
  return events;
}
