import { type EventDraft, Refusal } from "@shouwang/contract";
import { addDays, type BusinessDate, businessDate, parameterFor, parseBusinessDate, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { insertWageStop } from "../focus-household/drop-store.ts";
import { schedule, slice } from "../kit.ts";
import { dispatch } from "../risk-lead/decide.ts";
import { handOut } from "../risk-lead/handling.ts";
import { registerLead } from "../risk-lead/register.ts";
import { lockLead } from "../risk-lead/store.ts";
import { loadFacts } from "../screening/fact-store.ts";
import { isAtWork } from "../work-state/decide.ts";
import { heardUntil, worksOf } from "../work-state/store.ts";
import { judgeLoss, reasonsOf } from "./decide.ts";
import { workLosses } from "./reaction.ts";
import {
  gridWorkerOf,
  type LosersHousehold,
  lockDueLosses,
  lockHouseholdOf,
  type Settled,
  settleLoss,
  type WorkLossRow,
  wasFoundFalse,
} from "./store.ts";

const by = "system|work-lost";
const atOnce = 100;

/** Whether a household is being identified or helped for its work already, or waits for its case. */
async function isKnown(tx: Tx<DB>, householdId: string, today: BusinessDate): Promise<boolean> {
  const [facts] = await loadFacts(tx, [householdId], today);
  return (
    facts !== undefined &&
    (facts.knownCauses.some((cause) => cause === "unstable-work" || cause === "epidemic") ||
      facts.verified["unstable-work"] !== undefined)
  );
}

type Given = { now: Date; today: BusinessDate; heardOn: BusinessDate };

/** M-05: the lead of a loss, or its place in the lead that is open of the household; a new one goes to whoever goes round there, with the days to verify it. */
async function raise(tx: Tx<DB>, loss: WorkLossRow, household: LosersHousehold, given: Given) {
  const { now, today, heardOn } = given;
  const grace = await parameterFor(tx, "lead.workLossGraceDays", household.region, today);
  const about = { graceDays: grace.value, document: grace.document, heardOn, ableWorkers: household.ableWorkers };
  const entry = {
    ...({ householdId: household.id, region: household.region, source: "department-warning", cause: "unstable-work" } as const),
    ...({ epidemic: loss.epidemic, severity: "general", foundAt: now, ruleCode: "work-lost" } as const),
    explanation: reasonsOf(loss, about),
  };
  const { leadId, outcome, events } = await registerLead(tx, entry, { now, actor: by });
  if (outcome === "merged") return { leadId, outcome: "joined-lead", events } as const;
  const to = await gridWorkerOf(tx, household);
  const lead = to === undefined ? undefined : await lockLead(tx, leadId);
  const dispatched = lead && to !== undefined ? dispatch(lead, { to, now }) : undefined;
  if (dispatched && !(dispatched instanceof Refusal)) events.push(await handOut(tx, dispatched, now));
  return { leadId, outcome: "lead-registered", events } as const;
}

/** Looks at one loss and keeps what came of it; undefined while its household moves. A wage that stopped is noted for the income watch, whether or not it raises a lead. */
async function settle(
  tx: Tx<DB>,
  loss: WorkLossRow,
  given: Given,
): Promise<{ leadId: string | null; outcome: Settled; events: readonly EventDraft[]; region: string | null } | undefined> {
  const { now, today } = given;
  const household = await lockHouseholdOf(tx, loss.personId);
  if (household?.moving) return undefined;
  const works = (await worksOf(tx, [loss.personId])).get(loss.personId) ?? [];
  const atWork = isAtWork(works, today, { kind: loss.sourceKind, id: loss.sourceId });
  const facts = {
    ...{ member: household !== undefined, watched: household?.watched ?? false, atWork },
    known: household !== undefined && ((await isKnown(tx, household.id, today)) || (await wasFoundFalse(tx, loss))),
  };
  const { value: newDays } = await parameterFor(tx, "screening.newDays", household?.region ?? "450000000000", today);
  const outcome = judgeLoss(loss, facts, { today, newDays });
  if (household && (outcome === "raise" || outcome === "known"))
    await insertWageStop(tx, {
      ...{ id: uuidv7(), householdId: household.id, region: household.region, personId: loss.personId },
      ...{ from: addDays(parseBusinessDate(loss.lostOn), 1), until: null, epidemic: loss.epidemic },
      ...{ sourceDepartment: "employment", sourceId: loss.sourceId, recordedBy: by, recordedAt: now },
    });
  const done =
    household && outcome === "raise"
      ? await raise(tx, loss, household, given)
      : { leadId: null, outcome: outcome === "raise" ? ("not-a-member" as const) : outcome, events: [] };
  await settleLoss(tx, loss, { outcome: done.outcome, leadId: done.leadId, at: now });
  return { ...done, region: household?.region ?? null };
}

/** M-05: work that was lost and not found again within the days of grace becomes a lead; each loss is looked at once, whatever is told again or restarted. */
const settleWorkLosses = schedule({
  name: "settle-work-losses",
  everyMs: 1_000,
  run: async ({ tx, now, today }) => {
    const heard = await heardUntil(tx);
    if (heard === null) return {};
    const heardOn = businessDate(heard);
    const losses = await lockDueLosses(tx, today, heardOn, atOnce);
    const settled = [];
    for (const loss of losses) {
      const one = await settle(tx, loss, { now, today, heardOn });
      if (one) settled.push(one);
    }
    return {
      events: settled.flatMap(({ events }) => events),
      audit: settled.flatMap(({ leadId, outcome, region }) =>
        leadId === null || region === null
          ? []
          : [
              {
                action: "register-risk-lead",
                entity: "risk-lead",
                entityId: leadId,
                region,
                clause: "M-05",
                changed: { ruleCode: "work-lost", outcome },
              },
            ],
      ),
      more: settled.length === atOnce,
    };
  },
});

/** M-05: work that members lose, as employment tells it, and what is done about it. */
export const workLossSlice = slice({
  name: "work-loss",
  title: { zh: "失去务工预警", en: "Work that was lost" },
  readers: [workLosses],
  schedules: [settleWorkLosses],
});
