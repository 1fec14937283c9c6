import { Fen, ReferralDelivered, Refusal, refuse } from "@shouwang/contract";
import { actorOf, businessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { command } from "../kit.ts";
import { deliverMeasure } from "../measure/deliver.ts";
import { isFileOf } from "../measure/store.ts";
import { EmergencyView, emergencyView } from "../measure/views.ts";
import { lockCase } from "../monitored-case/store.ts";
import { turnClock } from "./clocks.ts";
import { needs } from "./code-lists.ts";
import { deliver, mayDeliver } from "./decide.ts";
import { lockForReply, Note, notInFuture, Paper, repliers, wrongField } from "./reply.ts";
import { ReferralPath } from "./send.ts";
import { insertStep } from "./step-store.ts";
import { findItem, saveReferral, stateOfReferral } from "./store.ts";
import { ReferralView, referralView } from "./views.ts";

/**
 * M-03: the help has reached the household. It becomes a measure of the need's own kind, for the lead, case and plan item the referral named: where the lead is owed
 * a first measure, this answers it, in time or late by the moment it arrived, not by the moment it is recorded.
 */
export const deliverReferral = command(
  {
    method: "post",
    operation: "deliver-referral",
    path: "/referrals/{referralId}/delivery",
    summary: {
      zh: "登记转介帮扶已落实(计为帮扶措施)",
      en: "Record that referred help has reached the household; it counts as a measure",
    },
    clauses: ["M-03", "M-04b"],
    allow: repliers,
    params: ReferralPath,
    body: z.object({
      ...Paper,
      implementedAt: z.iso.datetime({ offset: true }).describe("When it reached the household"),
      amountFen: Fen.optional(),
      fileId: z.uuid().optional().describe("Evidence uploaded for this household"),
      note: Note,
    }),
    reply: ReferralView.extend({ emergency: EmergencyView }),
    problems: ["referral-not-found", "referral-state", "same-person-twice", "invalid-input", "measure-in-future"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const referral = await lockForReply(tx, params.referralId, actor);
    if (referral instanceof Refusal) return referral;
    const no = mayDeliver(referral);
    if (no) return no;
    const implementedAt = new Date(body.implementedAt);
    if (implementedAt > now) return refuse("measure-in-future");
    const errors = notInFuture(body.documentDate, today, "/documentDate");
    if (businessDate(implementedAt) < businessDate(referral.sentAt))
      errors.push(
        wrongField(
          "/implementedAt",
          "not-before-referral",
          "早于转介日期的帮扶,请按“已帮扶”答复",
          "Help from before the referral is answered as already given",
        ),
      );
    if (body.fileId !== undefined && !(await isFileOf(tx, body.fileId, referral.householdId)))
      errors.push(
        wrongField("/fileId", "file-of-the-household", "没有为该户上传过此文件", "No such file was uploaded for this household"),
      );
    if (errors.length > 0) return refuse("invalid-input", { errors });
    const by = actorOf(actor);
    // A plan that was changed or closed meanwhile may no longer ask for it: help that came is help all the same.
    if (referral.caseId !== null) await lockCase(tx, referral.caseId);
    const item = referral.planItemId === null ? undefined : await findItem(tx, referral.planItemId);
    const measured = await deliverMeasure(
      tx,
      {
        householdId: referral.householdId,
        region: referral.region,
        category: needs[referral.need].category,
        implementedAt,
        amountFen: body.amountFen,
        epidemic: false,
        leadId: referral.leadId ?? undefined,
        caseId: referral.caseId ?? undefined,
        planItemId: item?.waits ? (referral.planItemId ?? undefined) : undefined,
        fileId: body.fileId,
        source: { department: "monitoring", id: referral.id },
      },
      { now, actor: by },
    );
    // Lead, case and item were looked at when it was sent, and are never deleted.
    if (measured instanceof Refusal) throw new Error(`a referral's measure was refused: ${measured.code}`);
    const { document, documentDate, note } = body;
    const delivered = deliver(referral, { document, documentDate, deliveredAt: implementedAt, measureId: measured.measure.id });
    if (delivered instanceof Refusal) return delivered;
    await saveReferral(tx, delivered);
    await insertStep(tx, delivered, { step: "delivered", document, documentDate, actor: by, at: now }, { keys, note });
    await turnClock(tx, delivered, now);
    return {
      reply: { ...referralView(delivered, today), emergency: emergencyView(measured.emergency) },
      events: [
        ReferralDelivered.of(delivered.id, delivered.version, delivered.region, stateOfReferral(delivered)),
        ...measured.events,
      ],
    };
  },
);
