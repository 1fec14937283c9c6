import { Refusal } from "@shouwang/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { claimChain } from "./claim-chain.ts";
import {
  type Approval,
  approvalOf,
  type ClaimStatus,
  type ClaimStep,
  claimStatuses,
  holdsKeys,
  type PaymentOutcome,
  type Standing,
  settleClaim,
  takeClaimStep,
  takenFrom,
  toldAs,
} from "./claim-decide.ts";
import { checkGrant, checkSources, refuseIneligible } from "./claim-rule-decide.ts";
import { isSecondByOne } from "./review-chain.ts";

const approval: Approval = {
  ...{ paymentId: "p", approver: "c", approvedOn: "2022-08-20", amountFen: 90_000 },
  keys: [{ kind: "payment:transport-subsidy", key: "person/2022" }],
};
const postingId = "posting";
const at: Record<ClaimStatus, Standing> = {
  draft: { status: "draft" },
  "village-checked": { status: "village-checked" },
  posted: { status: "posted", postingId },
  cleared: { status: "cleared", postingId },
  "township-checked": { status: "township-checked", postingId },
  "awaiting-funds": { status: "awaiting-funds", postingId, approval },
  accepted: { status: "accepted", postingId, approval },
  "payment-refused": { status: "payment-refused", because: "account-missing", postingId, approval },
  "payment-returned": { status: "payment-returned", because: "account-closed", postingId, approval },
  paid: { status: "paid", paidOn: "2022-09-01", postingId, approval },
  withdrawing: { status: "withdrawing", because: "made-in-error", postingId, approval },
  "clawback-due": { status: "clawback-due", because: "not-eligible", paidOn: "2022-09-01", postingId, approval },
  "clawed-back": { status: "clawed-back", because: "not-eligible", paidOn: "2022-09-01", postingId, approval },
  rejected: { status: "rejected", because: "no-proof", rejectedOn: "2022-08-20" },
  void: { status: "void", because: "made-in-error" },
};
const steps: Record<ClaimStep["step"], ClaimStep> = {
  amendment: { step: "amendment" },
  "village-check": { step: "village-check" },
  posting: { step: "posting", postingId },
  clearing: { step: "clearing" },
  "township-check": { step: "township-check" },
  "county-approval": { step: "county-approval", approval },
  resending: { step: "resending" },
  return: { step: "return", to: "draft" },
  rejection: { step: "rejection", because: "no-proof", rejectedOn: "2022-08-20" },
  reopening: { step: "reopening" },
  voiding: { step: "voiding", because: "made-in-error" },
  clawback: { step: "clawback", because: "not-eligible" },
};
const outcomes: readonly PaymentOutcome[] = [
  { outcome: "accepted" },
  { outcome: "refused", because: "account-missing" },
  { outcome: "refused", because: "elsewhere" },
  { outcome: "paid", paidOn: "2022-09-02" },
  { outcome: "returned", because: "account-closed" },
  { outcome: "withdrawn" },
  { outcome: "clawed-back" },
];
const after = (standing: Standing, taken: ClaimStep) => {
  const next = takeClaimStep(standing, taken);
  return next instanceof Refusal ? next.code : next.status;
};

describe("a step", () => {
  test.each<[ClaimStatus, ClaimStep, ClaimStatus]>([
    ["draft", steps.amendment, "draft"],
    ["draft", steps["village-check"], "village-checked"],
    ["village-checked", steps.posting, "posted"],
    ["posted", steps.clearing, "cleared"],
    ["cleared", steps["township-check"], "township-checked"],
    ["township-checked", steps["county-approval"], "awaiting-funds"],
    ["township-checked", { step: "return", to: "cleared" }, "cleared"],
    ["township-checked", { step: "return", to: "village-checked" }, "village-checked"],
    ["cleared", steps.return, "draft"],
    ["posted", steps.rejection, "rejected"],
    ["draft", steps.voiding, "void"],
    ["awaiting-funds", steps.voiding, "withdrawing"],
    ["accepted", steps.voiding, "withdrawing"],
    ["payment-returned", steps.voiding, "withdrawing"],
    ["payment-refused", steps.voiding, "void"],
    ["payment-returned", steps.resending, "awaiting-funds"],
    ["payment-refused", steps.resending, "awaiting-funds"],
    ["paid", steps.clawback, "clawback-due"],
    ["rejected", steps.reopening, "draft"],
  ])("from %s by %j leads to %s", (from, taken, to) => {
    expect(after(at[from], taken)).toBe(to);
  });

  test("is refused wherever it does not follow", () => {
    for (const status of claimStatuses)
      for (const taken of Object.values(steps))
        if (!takenFrom[taken.step].includes(status)) expect([status, after(at[status], taken)]).toEqual([status, "claim-state"]);
  });

  test("back to where a claim stands, or further on, is no way back", () => {
    expect(after(at.cleared, { step: "return", to: "cleared" })).toBe("claim-state");
    expect(after(at.posted, { step: "return", to: "cleared" })).toBe("claim-state");
  });

  test("a payment that funds found paid elsewhere is not asked for again", () => {
    expect(after({ status: "payment-refused", because: "elsewhere", postingId, approval }, steps.resending)).toBe("claim-state");
  });

  test("a rejected claim is looked at again from its posting, where that had run", () => {
    expect(takeClaimStep({ status: "rejected", because: "other", rejectedOn: "2022-08-20", postingId }, steps.reopening)).toEqual(
      at.cleared,
    );
  });
});

describe("what funds says", () => {
  test.each<[ClaimStatus, PaymentOutcome["outcome"], ClaimStatus]>([
    ["awaiting-funds", "accepted", "accepted"],
    ["awaiting-funds", "refused", "payment-refused"],
    ["awaiting-funds", "paid", "paid"],
    ["accepted", "paid", "paid"],
    ["accepted", "returned", "payment-returned"],
    ["accepted", "accepted", "accepted"],
    ["paid", "returned", "payment-returned"],
    ["withdrawing", "accepted", "withdrawing"],
    ["withdrawing", "withdrawn", "void"],
    ["withdrawing", "refused", "void"],
    ["withdrawing", "returned", "void"],
    ["withdrawing", "paid", "paid"],
    ["paid", "clawed-back", "clawed-back"],
    ["clawback-due", "clawed-back", "clawed-back"],
    ["clawback-due", "paid", "clawback-due"],
    ["awaiting-funds", "clawed-back", "awaiting-funds"],
    ["clawed-back", "paid", "clawed-back"],
    ["void", "paid", "void"],
    ["draft", "paid", "draft"],
    ["rejected", "paid", "rejected"],
  ])("of a claim that is %s: %s, and it is %s", (from, word, to) => {
    const said = outcomes.find(({ outcome }) => outcome === word);
    expect(said && settleClaim(at[from], said).status).toBe(to);
  });

  test("said twice changes nothing the second time", () => {
    for (const standing of Object.values(at))
      for (const said of outcomes) {
        const once = settleClaim(standing, said);
        expect(settleClaim(once, said)).toEqual(once);
      }
  });
});

test("keys are held from the approval until the claim ends without money, and while money is out", () => {
  const holding = claimStatuses.filter((status) => holdsKeys(at[status]));
  expect(holding).toEqual([
    ...["awaiting-funds", "accepted", "payment-refused", "payment-returned", "paid", "withdrawing", "clawback-due"],
  ]);
  expect(holdsKeys({ status: "payment-refused", because: "elsewhere", postingId, approval })).toBe(false);
});

test("whatever offices and funds do, a claim is paid only on a day, after an approval that fixed its sum, and its end is final", () => {
  const move = fc.oneof(fc.constantFrom(...Object.values(steps)), fc.constantFrom(...outcomes));
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
      let standing: Standing = { status: "draft" };
      for (const one of moves) {
        const before: Standing = standing;
        const next: Standing | Refusal = "step" in one ? takeClaimStep(before, one) : settleClaim(before, one);
        if (next instanceof Refusal) continue;
        standing = next;
        if (standing.status === "paid") expect(approvalOf(standing)).toEqual(approval);
        if (before.status === "clawed-back" || before.status === "void") expect(standing).toEqual(before);
        // Only an approval takes keys: they are never held again after they were given back, unless the payment is asked for again.
        if (!holdsKeys(before) && holdsKeys(standing) && "step" in one)
          expect(["county-approval", "resending"]).toContain(one.step);
        expect(toldAs(standing) === undefined).toBe(
          ["draft", "village-checked", "posted", "cleared", "township-checked"].includes(standing.status),
        );
      }
    }),
    { numRuns: 500 },
  );
});

describe("separation of duties", () => {
  const taken = (...of: [string, string][]) => of.map(([step, actor]) => ({ step, actor }));
  test.each<[string, [string, string][], string, string, boolean]>([
    ["the village checks what it made itself", [["draft", "v"]], "village-check", "v", false],
    [
      "nobody checks for the township what he made",
      [
        ["draft", "t"],
        ["village-check", "v"],
      ],
      "township-check",
      "t",
      true,
    ],
    [
      "nor what he mended",
      [
        ["draft", "v"],
        ["amendment", "t"],
        ["village-check", "v"],
      ],
      "township-check",
      "t",
      true,
    ],
    [
      "whoever answers an objection may check",
      [
        ["draft", "v"],
        ["village-check", "v"],
        ["objection-answered", "t"],
      ],
      "township-check",
      "t",
      false,
    ],
    [
      "whoever put it up may not decide for the township on what he made",
      [
        ["draft", "v"],
        ["posting", "v"],
      ],
      "township-check",
      "v",
      true,
    ],
    [
      "the approver did not make it",
      [
        ["draft", "c"],
        ["village-check", "v"],
        ["township-check", "t"],
      ],
      "county-approval",
      "c",
      true,
    ],
    [
      "the approver did not check it",
      [
        ["draft", "v"],
        ["village-check", "v"],
        ["township-check", "t"],
      ],
      "county-approval",
      "t",
      true,
    ],
    [
      "a third may approve",
      [
        ["draft", "v"],
        ["village-check", "v"],
        ["township-check", "t"],
      ],
      "county-approval",
      "c",
      false,
    ],
    [
      "it is checked again by the same office once it came back",
      [
        ["draft", "v"],
        ["township-check", "t"],
        ["return", "c"],
      ],
      "township-check",
      "t",
      false,
    ],
    [
      "whoever rejected it does not look at it again",
      [
        ["draft", "v"],
        ["rejection", "c"],
        ["return", "t"],
      ],
      "reopening",
      "c",
      true,
    ],
    [
      "another does",
      [
        ["draft", "v"],
        ["rejection", "c"],
      ],
      "reopening",
      "d",
      false,
    ],
    [
      "whoever rejected it approves it never",
      [
        ["draft", "v"],
        ["rejection", "c"],
        ["reopening", "d"],
        ["township-check", "t"],
      ],
      "county-approval",
      "c",
      true,
    ],
  ])("%s", (_, of, step, actor, second) => {
    expect(isSecondByOne(claimChain, taken(...of), step, actor)).toBe(second);
  });
});

describe("what a rule says", () => {
  const says = (outcome: "eligible" | "waiting" | "by-decision" | "not-eligible", amountFen: number | null) => ({
    ...{ outcome, amountFen, reasons: [], listAwaited: false },
  });
  test.each([
    [says("eligible", 90_000), false, undefined, undefined],
    [says("eligible", null), false, undefined, "claim-not-eligible"],
    [says("waiting", 90_000), true, undefined, "claim-not-eligible"],
    [says("by-decision", 90_000), false, undefined, "claim-needs-decision"],
    [says("by-decision", 90_000), true, undefined, undefined],
    [says("not-eligible", 90_000), true, "claim-not-eligible", "claim-not-eligible"],
  ] as const)("%j, decided %s: it goes on unless %s, it is granted unless %s", (assessment, decided, goesOn, granted) => {
    expect(refuseIneligible(assessment)?.code).toBe(goesOn);
    expect(checkGrant(assessment, decided)?.code).toBe(granted);
  });

  test.each([
    [[], undefined, "claim-source-missing"],
    [["bridging-fund-county"], undefined, undefined],
    [["bridging-fund-county", "donation"], undefined, "claim-source-not-allowed"],
    [["donation"], "桂财农〔2022〕9号", undefined],
  ] as const)("pools %j with document %s: %s", (asked, document, code) => {
    expect(checkSources(asked, ["bridging-fund-county"], document, "E-09")?.code).toBe(code);
  });
});
