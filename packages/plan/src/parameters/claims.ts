import type { ClauseId } from "../clause.ts";
import { text } from "../clause.ts";
import { atMost, parameter } from "../parameter.ts";

const forClaims = { bound: atMost, alsoIn: ["E-09", "E-12", "I-07"] as readonly ClauseId[] };

/** How long a claim of money may wait at each step before it is late: the plan sets no such days. */
export const claimParameters = [
  parameter(
    "claim.villageCheckDays",
    "E-02",
    "days",
    5,
    "design",
    text("补助申请村级核实天数", "Days for the village to check a claim"),
    forClaims,
  ),
  parameter(
    "claim.postingDays",
    "E-02",
    "days",
    3,
    "design",
    text("核实后张榜公示天数", "Days to put up a claim that the village has checked"),
    forClaims,
  ),
  parameter(
    "claim.objectionDays",
    "E-02",
    "days",
    5,
    "design",
    text("公示异议答复天数", "Days to answer an objection to a claim"),
    forClaims,
  ),
  parameter(
    "claim.townshipCheckDays",
    "E-02",
    "days",
    5,
    "design",
    text("补助申请乡镇审核天数", "Days for the township to check a claim"),
    forClaims,
  ),
  parameter(
    "claim.approvalDays",
    "E-02",
    "days",
    5,
    "design",
    text("补助申请县级审定天数", "Days for the county to approve a claim"),
    forClaims,
  ),
  parameter(
    "claim.paymentDays",
    "E-02",
    "days",
    15,
    "design",
    text("申请支付至到账天数", "Days from the payment request to the money's arrival"),
    forClaims,
  ),
  parameter(
    "claim.resendDays",
    "E-02",
    "days",
    5,
    "design",
    text("退票或未受理后处理天数", "Days to deal with a payment that came back or was refused"),
    forClaims,
  ),
  parameter(
    "claim.clawbackDays",
    "E-02",
    "days",
    30,
    "design",
    text("追回资金天数", "Days to get a wrong payment back"),
    forClaims,
  ),
  parameter(
    "claim.appealDays",
    "E-02",
    "days",
    30,
    "design",
    text("对不予批准申请复核的期限", "Days to ask for a rejected claim to be looked at again"),
    forClaims,
  ),
] as const;
