import { FundSource, Month, PersonId, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  afterCursor,
  claimStatusTitles,
  cutPage,
  everyone,
  PageQuery,
  pageOf,
  releaseKey,
  type Settler,
  type Tx,
} from "@shouwang/service-kit";
import { z } from "zod";
import { claimOffice } from "../claims.ts";
import type { DB } from "../db.ts";
import { command, query } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { keysOf } from "./approve-job.ts";
import { afterWord, type LineStep, mayTakeLine } from "./decide.ts";
import { listLines, lockLine, nextLine, type PayLine, saveLines } from "./line-store.ts";
import { PayLineView, payLineView } from "./views.ts";

const county = ["county-officer", "department-officer"] as const;
const ClaimPath = z.object({ claimId: z.uuid() });

async function lockFor(tx: Tx<DB>, claimId: string, step: LineStep) {
  const line = await lockLine(tx, claimId);
  if (!line) return refuse("claim-not-found");
  return mayTakeLine(line.status, step) ?? line;
}
const auditOf = (action: string, line: PayLine, changed: Record<string, unknown>) => [
  { action, entity: "post-pay", entityId: line.id, region: line.region, clause: "E-04", changed },
];

/** Keeps a line as it now stands, its keys given back where it came to an end, and says what others are told. */
async function settleAs(tx: Tx<DB>, before: PayLine, change: Partial<PayLine>) {
  const { line, events } = nextLine(before, change);
  await saveLines(tx, [line]);
  if (line.status === "rejected" || line.status === "clawed-back")
    for (const { kind, key } of keysOf(line)) await releaseKey(tx, kind, [key], line.id);
  return { line, events };
}

export const resendPay = command(
  {
    method: "post",
    operation: "resend-post-pay",
    path: "/post-pays/{claimId}/resending",
    summary: {
      zh: "退票或未受理:更正后重新申请支付",
      en: "Ask again for a payment that came back or was refused, once that is mended",
    },
    clauses: ["E-04"],
    allow: county,
    params: ClaimPath,
    body: z.object({
      mended: z.enum(["account", "identity-number", "money", "source", "other"]),
      sourceKinds: z.array(FundSource).min(1).max(15).optional().describe("Other pools, where the pool was the trouble"),
    }),
    reply: PayLineView,
    problems: ["claim-not-found", "claim-state"],
  },
  async ({ tx, params, body }) => {
    const before = await lockFor(tx, params.claimId, "resending");
    if ("code" in before) return before;
    if (before.paymentId === null) return refuse("claim-state");
    const { line, events } = await settleAs(tx, before, { status: "awaiting-funds", because: null });
    const asked = await claimOffice.payments.again(tx, before.paymentId, body.sourceKinds);
    return {
      reply: payLineView({ ...line, nameMask: null }),
      events: [...events, ...asked],
      audit: auditOf("resend-post-pay", line, body),
    };
  },
);

export const rejectPay = command(
  {
    method: "post",
    operation: "reject-post-pay",
    path: "/post-pays/{claimId}/rejection",
    summary: { zh: "不再发放:撤回支付申请", en: "Give a payment up before it arrives: funds is asked to take it back" },
    clauses: ["E-04"],
    allow: county,
    params: ClaimPath,
    body: z.object({ because: z.enum(["not-eligible", "made-in-error", "paid-twice", "account-not-found", "other"]) }),
    reply: PayLineView,
    problems: ["claim-not-found", "claim-state"],
  },
  async ({ tx, params, body }) => {
    const before = await lockFor(tx, params.claimId, "rejection");
    if ("code" in before) return before;
    if (before.paymentId === null) return refuse("claim-state");
    const withdrawn = await claimOffice.payments.withdraw(tx, before.paymentId);
    // What funds has refused pays nobody: it ends at once. Anything else ends when funds says that it has not been paid.
    const status = before.status === "payment-refused" ? "rejected" : "withdrawing";
    const { line, events } = await settleAs(tx, before, { status, because: body.because });
    return {
      reply: payLineView({ ...line, nameMask: null }),
      events: [...events, ...withdrawn],
      audit: auditOf("reject-post-pay", line, body),
    };
  },
);

export const clawBackPay = command(
  {
    method: "post",
    operation: "claw-back-post-pay",
    path: "/post-pays/{claimId}/clawback",
    summary: { zh: "认定不应发放,追回", en: "A payment was wrong: ask for it back" },
    clauses: ["E-04"],
    allow: county,
    params: ClaimPath,
    body: z.object({
      finding: z.enum(["not-eligible", "false-attendance", "away-on-those-days", "paid-twice", "wrong-amount", "other"]),
      document: z.string().trim().min(4).max(80).optional().describe("Number of the finding's document"),
    }),
    reply: PayLineView,
    problems: ["claim-not-found", "claim-state"],
  },
  async ({ tx, params, body }) => {
    const before = await lockFor(tx, params.claimId, "clawback");
    if ("code" in before) return before;
    if (before.paymentId === null) return refuse("claim-state");
    const { line, events } = await settleAs(tx, before, { status: "clawback-due", because: body.finding });
    const asked = await claimOffice.payments.clawBack(tx, before.paymentId);
    return {
      reply: payLineView({ ...line, nameMask: null }),
      events: [...events, ...asked],
      audit: auditOf("claw-back-post-pay", line, body),
    };
  },
);

export const listPayLines = query(
  {
    operation: "list-post-pays",
    path: "/post-pays",
    summary: { zh: "岗位补贴明细", en: "Lines of pay, one a person and month" },
    clauses: ["E-04"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      listId: z.uuid().optional(),
      month: Month.optional(),
      status: PayLineView.shape.status.optional(),
      personId: PersonId.optional(),
    }),
    reply: pageOf(PayLineView),
    problems: [],
    exports: { codes: { status: { ...claimStatusTitles, listed: "已列入名单", held: "暂缓发放" } } },
  },
  async ({ tx, query: { region, cursor, limit, ...filter }, actor }) => {
    const area = rangeOf(region ?? actor.region);
    const page = cutPage(await listLines(tx, { ...filter, area, after: afterCursor(cursor), limit }), limit, ({ id }) => id);
    return { reply: { items: page.items.map(payLineView), next: page.next } };
  },
);

/** What a line does when funds has spoken of its payment. */
export const postPaySettler: Settler<DB> = {
  claim: "post-pay",
  settle: async (tx, { claimId, paymentId, outcome }) => {
    const line = await lockLine(tx, claimId);
    if (!line || line.paymentId !== paymentId) return [];
    const status = afterWord(line.status, outcome.outcome);
    if (status === undefined) return [];
    const because = "because" in outcome ? outcome.because : line.because;
    const paidOn = "paidOn" in outcome ? outcome.paidOn : line.paidOn;
    return (await settleAs(tx, line, { status, because, paidOn })).events;
  },
};
