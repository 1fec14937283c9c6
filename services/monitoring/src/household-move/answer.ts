import { Refusal, refuse } from "@shouwang/contract";
import { actorOf, mayReach, type Principal, requestJob, system } from "@shouwang/service-kit";
import { z } from "zod";
import { command, schedule } from "../kit.ts";
import { answer } from "./decide.ts";
import { lockExpired, lockMove, saveMove } from "./store.ts";
import { auditOf, MovePath, MoveView, moveView } from "./views.ts";

/** Both places see a move; which of them may answer is asked here, of somebody who keeps that place. */
const keeps = (actor: Principal, region: string) => mayReach(actor, region);

export const acceptMove = command(
  {
    method: "post",
    operation: "accept-household-move",
    path: "/household-moves/{moveId}/acceptance",
    summary: { zh: "接收迁入户(受理后即办)", en: "Accept a household that moves here; it is carried out at once afterwards" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: MovePath,
    body: z.object({}),
    reply: MoveView,
    status: 202,
    problems: ["move-not-found", "move-state"],
  },
  async ({ tx, params, actor, now }) => {
    const move = await lockMove(tx, params.moveId);
    if (!move || !keeps(actor, move.toRegion)) return refuse("move-not-found");
    const accepted = answer(move, "accepted", { now });
    if (accepted instanceof Refusal) return accepted;
    await saveMove(tx, accepted, actorOf(actor));
    await requestJob(tx, system("household-move"), {
      kind: "household-move",
      region: accepted.toRegion,
      input: { moveId: accepted.id },
    });
    return { reply: moveView(accepted), audit: auditOf("accept-household-move", accepted, accepted.toRegion) };
  },
);

export const declineMove = command(
  {
    method: "post",
    operation: "decline-household-move",
    path: "/household-moves/{moveId}/refusal",
    summary: { zh: "不予接收迁入户", en: "Decline a household that was offered" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: MovePath,
    body: z.object({ because: z.enum(["not-living-here", "papers-missing", "wrong-village", "other"]) }),
    reply: MoveView,
    problems: ["move-not-found", "move-state"],
  },
  async ({ tx, params, body, actor, now }) => {
    const move = await lockMove(tx, params.moveId);
    if (!move || !keeps(actor, move.toRegion)) return refuse("move-not-found");
    const declined = answer(move, "declined", { now, because: body.because });
    if (declined instanceof Refusal) return declined;
    await saveMove(tx, declined, actorOf(actor));
    return { reply: moveView(declined), audit: auditOf("decline-household-move", declined, declined.toRegion) };
  },
);

export const withdrawMove = command(
  {
    method: "post",
    operation: "withdraw-household-move",
    path: "/household-moves/{moveId}/withdrawal",
    summary: { zh: "撤回迁移", en: "Withdraw an offer that was not answered" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: MovePath,
    body: z.object({}),
    reply: MoveView,
    problems: ["move-not-found", "move-state"],
  },
  async ({ tx, params, actor, now }) => {
    const move = await lockMove(tx, params.moveId);
    if (!move || !keeps(actor, move.fromRegion)) return refuse("move-not-found");
    const withdrawn = answer(move, "withdrawn", { now });
    if (withdrawn instanceof Refusal) return withdrawn;
    await saveMove(tx, withdrawn, actorOf(actor));
    return { reply: moveView(withdrawn), audit: auditOf("withdraw-household-move", withdrawn, withdrawn.fromRegion) };
  },
);

/** Offers nobody answered in time lapse; the household stays where it is. */
export const expireMoves = schedule({
  name: "household-moves-expire",
  everyMs: 5_000,
  run: async ({ tx, now, today, actor }) => {
    const expired = await lockExpired(tx, today, 200);
    for (const move of expired) {
      const lapsed = answer(move, "expired", { now });
      if (!(lapsed instanceof Refusal)) await saveMove(tx, lapsed, actorOf(actor));
    }
    return { more: expired.length === 200 };
  },
});
