import { Refusal, refuse } from "@shouwang/contract";
import { claimMakers } from "./claim-chain.ts";
import { takeClaimStep } from "./claim-decide.ts";
import { answered, auditOf, type ClaimOffice } from "./claim-office.ts";
import { refuseIneligible } from "./claim-rule-decide.ts";
import { doStep, makeClaim } from "./claim-step.ts";
import { lockClaim } from "./claim-store.ts";
import { ClaimPath, ClaimWithReasons } from "./claim-views.ts";
import { kitFor, type Route } from "./declare.ts";
import { checkVersion } from "./http.ts";
import { actorOf } from "./principal.ts";

/** The routes by which a claim begins, and is mended while it is a draft. */
export function makingRoutes<Db>(office: ClaimOffice<Db>): Route<Db>[] {
  const { kind, officersOf } = office;
  const { command } = kitFor<Db>(officersOf ? { officersOf } : {});
  const make = command(
    {
      method: "post",
      operation: `make-${kind.kind}`,
      path: kind.path,
      summary: { zh: `提出申请:${kind.title.zh}`, en: `Make a claim: ${kind.title.en}` },
      clauses: [kind.clause],
      allow: claimMakers,
      body: kind.entry,
      reply: ClaimWithReasons,
      status: 201,
      problems: ["claim-not-eligible", "claim-exists", ...kind.problems],
    },
    async ({ tx, body, actor, now, today, keys }) => {
      const made = await makeClaim(tx, kind, body, { actor, now, today, keys });
      if (made instanceof Refusal) return made;
      return { reply: await answered(tx, kind, made.claim, now), audit: [auditOf(`make-${kind.kind}`, kind, made.claim)] };
    },
  );
  const amend = command(
    {
      method: "put",
      operation: `amend-${kind.kind}`,
      path: `${kind.path}/{claimId}`,
      summary: { zh: `修改申请:${kind.title.zh}`, en: `Mend a draft: ${kind.title.en}` },
      clauses: [kind.clause],
      allow: claimMakers,
      params: ClaimPath,
      body: kind.entry,
      reply: ClaimWithReasons,
      ifMatch: true,
      problems: ["claim-not-found", "claim-state", "claim-of-other", "claim-not-eligible", "version-mismatch", ...kind.problems],
    },
    async ({ tx, params, body, actor, now, today, keys, expectedVersion }) => {
      const before = await lockClaim(tx, kind.kind, params.claimId);
      if (!before) return refuse("claim-not-found");
      const stale = checkVersion(before.version, expectedVersion);
      if (stale) return stale;
      const draft = takeClaimStep(before.standing, { step: "amendment" });
      if (draft instanceof Refusal) return draft;
      const prepared = await kind.prepare({ tx, entry: body, actor, today, of: before });
      if (prepared instanceof Refusal) return prepared;
      const same = (["subjectId", "periodKey", "region"] as const).every((field) => prepared[field] === before[field]);
      if (!same) return refuse("claim-of-other");
      const { claim } = await kind.assess(tx, { ...before, ...prepared, submitter: actorOf(actor) }, today);
      const refused = refuseIneligible(claim.assessment);
      if (refused) return refused;
      const done = await doStep(tx, kind, claim, { step: "amendment" }, { actor, now, today, keys });
      if (done instanceof Refusal) return done;
      return { reply: await answered(tx, kind, done.claim, now), audit: [auditOf(`amend-${kind.kind}`, kind, done.claim)] };
    },
  );
  return [make, amend];
}
