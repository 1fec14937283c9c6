import {
  type Bilingual,
  type EventDefinition,
  type EventDraft,
  type ProblemCode,
  Refusal,
  type Role,
  refuse,
} from "@shouwang/contract";
import type { z } from "zod";
import { addDays, type BusinessDate, parseBusinessDate } from "./calendar.ts";
import type { ClaimKind } from "./claim-kind.ts";
import type { Acting } from "./claim-step.ts";
import { type Claim, lockClaim } from "./claim-store.ts";
import { ClaimPath, ClaimWithReasons, withReasons } from "./claim-views.ts";
import type { Executor, Tx } from "./database.ts";
import { kitFor, type Route } from "./declare.ts";
import { parameterFor } from "./parameter.ts";
import type { Payments } from "./payment-request.ts";
import type { Posting } from "./posting.ts";

/** What the routes of one kind of claim work with. */
export type ClaimOffice<Db> = {
  kind: ClaimKind<Db>;
  officersOf?: readonly string[];
  payments: Payments;
  /** The department's events of postings. */
  postings: { opened: EventDefinition; closed: EventDefinition };
};

type Done = { claim: Claim; events: readonly EventDraft[] };

/** A command about one claim: locked, decided, answered with the rule's reasons, and audited. */
export function claimCommand<Db, B extends z.ZodObject, const C extends ProblemCode>(
  { kind, officersOf }: ClaimOffice<Db>,
  spec: { operation: string; path: string; summary: Bilingual; allow: readonly Role[]; body: B; problems: readonly C[] },
  decide: (claim: Claim, given: Acting & { tx: Tx<Db>; body: z.output<B> }) => Promise<Done | Refusal<C>>,
): Route<Db> {
  const { command } = kitFor<Db>(officersOf ? { officersOf } : {});
  return command(
    {
      method: "post",
      operation: spec.operation,
      path: `${kind.path}/{claimId}/${spec.path}`,
      summary: spec.summary,
      clauses: [kind.clause],
      allow: spec.allow,
      params: ClaimPath,
      body: spec.body,
      reply: ClaimWithReasons,
      problems: ["claim-not-found", ...spec.problems],
    },
    async ({ tx, params, body, actor, now, today, keys }) => {
      const before = await lockClaim(tx, kind.kind, params.claimId);
      if (!before) return refuse("claim-not-found");
      // Safe: the route's own body schema has parsed it.
      const done = await decide(before, { tx, body: body as z.output<B>, actor, now, today, keys });
      if (done instanceof Refusal) return done;
      return {
        reply: await answered(tx, kind, done.claim, now),
        events: done.events,
        audit: [auditOf(spec.operation, kind, done.claim)],
      };
    },
  );
}

export const auditOf = <Db>(action: string, kind: ClaimKind<Db>, claim: Claim) => ({
  ...{ action, entity: kind.kind, entityId: claim.id, region: claim.region, clause: kind.clause },
  changed: { status: claim.standing.status, amountFen: claim.assessment.amountFen },
});

/** A claim as it is answered: with its reasons, the masked name, and, where it is rejected, what can be done about that. */
export async function answered<Db>(
  tx: Tx<Db>,
  kind: ClaimKind<Db>,
  claim: Claim,
  now: Date,
): Promise<z.input<typeof ClaimWithReasons>> {
  const names = claim.personId === null ? new Map<string, string>() : await kind.names(tx, [claim.personId]);
  return withReasons(claim, names, now, await appealAgainst(tx, claim));
}

/** Until when a rejected claim can be asked to be looked at again; undefined for another. */
export async function appealUntil(tx: Executor, claim: Claim): Promise<BusinessDate | undefined> {
  if (claim.standing.status !== "rejected") return undefined;
  const { rejectedOn } = claim.standing;
  const days = await parameterFor(tx, "claim.appealDays", claim.region, rejectedOn);
  return addDays(parseBusinessDate(rejectedOn), days.value);
}

async function appealAgainst(tx: Executor, claim: Claim): Promise<Bilingual | null> {
  const until = await appealUntil(tx, claim);
  return until === undefined
    ? null
    : {
        zh: `对不予批准不服的,可在${until}前(含当日)向县级提出复核,由未经办的另一人办理;也可补齐材料后重新申请`,
        en: `Until the end of ${until} the county can be asked to look at it again, which somebody else does; or a new claim can be made with what was missing`,
      };
}

/** The posting's event when it goes up or comes down; `version` is the posting's own. */
export function postingEvent<Db>(
  { postings }: ClaimOffice<Db>,
  posting: Pick<Posting, "id" | "entity" | "entityId" | "region" | "levels" | "startsOn" | "lastDay">,
  status: "open" | "cleared" | "withdrawn",
  version: number,
): EventDraft {
  const event = status === "open" ? postings.opened : postings.closed;
  return event.of(posting.id, version, posting.region, {
    ...{ postingId: posting.id, kind: "subsidy", about: posting.entity, aboutId: posting.entityId, region: posting.region },
    ...{ levels: posting.levels, from: posting.startsOn, until: posting.lastDay, status, openObjections: 0 },
  });
}
