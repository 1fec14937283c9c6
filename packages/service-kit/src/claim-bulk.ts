import { rangeOf } from "@shouwang/regions";
import { z } from "zod";
import type { Bulk } from "./bulk.ts";
import { bulkOf } from "./bulk.ts";
import { type ClaimStatus, claimStatuses, type StepName, takenFrom } from "./claim-decide.ts";
import type { ClaimKind } from "./claim-kind.ts";
import { ClaimChoice } from "./claim-read.ts";
import { chooseClaims, lockClaim } from "./claim-store.ts";
import type { Route } from "./route.ts";

/** The single commands that can be given for many claims at once, by the step each takes. */
export type BulkRoutes<Db> = { step: StepName; route: Route<Db>; leadsTo: ClaimStatus }[];

const rank = (status: ClaimStatus) => claimStatuses.indexOf(status);
/** Whether a claim has gone that far already; where it ended otherwise, the command is refused instead. */
const isPast = (status: ClaimStatus, leadsTo: ClaimStatus) => rank(status) >= rank(leadsTo) && rank(status) <= rank("paid");

/** Each command in bulk: for claims that are named, or that stand at its step, in an area and period. */
export const claimBulks = <Db>(kind: ClaimKind<Db>, routes: BulkRoutes<Db>): Bulk<Db>[] =>
  routes.map(({ step, route, leadsTo }) =>
    bulkOf({
      of: route,
      item: "claimId",
      filter: ClaimChoice,
      body: z.object({}),
      choose: ({ tx, filter, actor, limit }) => {
        const area = rangeOf(filter.region ?? actor.region);
        return chooseClaims(tx, kind.kind, { area, period: filter.period, statuses: takenFrom[step] }, limit);
      },
      look: async ({ tx, id }) => {
        const claim = await lockClaim(tx, kind.kind, id);
        return claim && { version: claim.version, done: isPast(claim.standing.status, leadsTo) };
      },
    }),
  );
