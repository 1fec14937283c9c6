import { ReferralClosed, Refusal, refuse } from "@shouwang/contract";
import { actorOf } from "@shouwang/service-kit";
import { z } from "zod";
import { membersOf, revealPerson } from "../household/person-store.ts";
import { command } from "../kit.ts";
import { turnClock } from "./clocks.ts";
import { close } from "./decide.ts";
import { Note } from "./reply.ts";
import { ReferralPath, senders } from "./send.ts";
import { insertStep, openNotes } from "./step-store.ts";
import { findReferral, lockReferral, openReason, saveReferral, stateOfReferral } from "./store.ts";
import { ReferralView, referralView } from "./views.ts";

export const closeReferral = command(
  {
    method: "post",
    operation: "close-referral",
    path: "/referrals/{referralId}/closure",
    summary: {
      zh: "转介办结(到户确认、知悉不予受理或撤回)",
      en: "Close a referral: the help arrived, the refusal is noted, or it is withdrawn",
    },
    clauses: ["M-03"],
    allow: senders,
    params: ReferralPath,
    body: z.object({ because: z.enum(["arrived", "declined", "withdrawn"]), note: Note }),
    reply: ReferralView,
    problems: ["referral-not-found", "referral-state"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const referral = await lockReferral(tx, params.referralId);
    if (!referral) return refuse("referral-not-found");
    const closed = close(referral, body.because, now);
    if (closed instanceof Refusal) return closed;
    await saveReferral(tx, closed);
    const { because, note } = body;
    await insertStep(tx, closed, { step: "closed", because, actor: actorOf(actor), at: now }, { keys, note });
    await turnClock(tx, closed, now);
    return {
      reply: referralView(closed, today),
      events: [ReferralClosed.of(closed.id, closed.version, closed.region, stateOfReferral(closed))],
    };
  },
);

/** While a department has to do with a need, and no longer. */
const atWork = ["sent", "received", "accepted", "delivered"];

/** Who is to be helped and why, in clear: the one person the referral names, else the household's members. */
export const revealReferral = command(
  {
    method: "post",
    operation: "reveal-referral",
    path: "/referrals/{referralId}/reveal",
    summary: { zh: "查看转介对象原文(须说明用途,留痕)", en: "Reveal whom a referral is about and why: purpose stated, audited" },
    clauses: ["M-03"],
    allow: [...senders, "department-officer"],
    params: ReferralPath,
    body: z.object({ purpose: z.string().trim().min(4).max(120) }),
    reply: z.object({
      referralId: z.string(),
      reason: z.string(),
      notes: z.array(z.object({ step: z.string(), note: z.string() })),
      people: z.array(
        z.object({
          personId: z.string(),
          relation: z.string(),
          name: z.string(),
          identityNumber: z.string(),
          phone: z.string().nullable(),
        }),
      ),
    }),
    reveals: true,
    problems: ["referral-not-found", "referral-state"],
  },
  async ({ tx, params, body, actor, keys }) => {
    const referral = await findReferral(tx, params.referralId);
    const reason = referral && (await openReason(tx, keys, referral.id));
    if (!referral || reason === undefined) return refuse("referral-not-found");
    const isSender = senders.some((role) => actor.roles.includes(role));
    if (!isSender && !atWork.includes(referral.status))
      return refuse("referral-state", {
        detail: { zh: "转介已不在本部门办理,不能再查看原文", en: "The department is no longer at work on it" },
      });
    const members = await membersOf(tx, referral.householdId);
    const people = [];
    for (const { id, relation } of members.filter((member) => referral.personId === null || member.id === referral.personId)) {
      const found = await revealPerson(tx, keys, id);
      if (found) people.push({ personId: id, relation, ...found.secret, phone: found.secret.phone ?? null });
    }
    return {
      reply: { referralId: referral.id, reason, notes: await openNotes(tx, keys, referral.id), people },
      audit: [
        {
          action: "reveal-referral",
          entity: "referral",
          entityId: referral.id,
          region: referral.region,
          clause: "M-03",
          purpose: body.purpose,
          changed: { people: people.map(({ personId }) => personId) },
        },
      ],
    };
  },
);
