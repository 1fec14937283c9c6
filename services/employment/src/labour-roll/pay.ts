import { refuse } from "@shouwang/contract";
import { actorOf, addDays, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { command } from "../kit.ts";
import { checkPayment } from "./decide.ts";
import { auditOf, keepers, PeriodPath, tellRoll, viewOf, wrong } from "./period.ts";
import { listLines, lockPeriod, type Period, payLines, savePeriod, totalsOfPeriod } from "./store.ts";
import { LineEntry, PeriodView, periodView, unpaidReasons } from "./views.ts";

export const postPeriod = command(
  {
    method: "post",
    operation: "post-labour-period",
    path: "/labour-periods/{periodId}/posting",
    summary: { zh: "名册公示(全部签字后)", en: "Put a roll up for the village to see, when everybody on it has signed" },
    clauses: ["E-15"],
    allow: keepers,
    params: PeriodPath,
    body: z.object({}),
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "labour-roll-unsigned"],
  },
  async ({ tx, params, today }) => {
    const locked = await lockPeriod(tx, params.periodId);
    if (!locked) return refuse("labour-period-not-found");
    if (locked.period.status !== "open") return refuse("labour-period-state");
    const totals = await totalsOfPeriod(tx, locked.period.id);
    if (totals.persons === 0 || totals.unsigned > 0) return refuse("labour-roll-unsigned");
    const days = await parameterFor(tx, "posting.subsidy.days", locked.period.region, today);
    const postedUntil = addDays(today, days.value);
    const period: Period = { ...locked.period, status: "posted", postedOn: today, postedUntil };
    await savePeriod(tx, period);
    return {
      reply: periodView(period, totals),
      events: await tellRoll(tx, locked.roll),
      audit: auditOf("post-labour-period", period, { postedUntil }),
    };
  },
);

export const payPeriod = command(
  {
    method: "post",
    operation: "pay-labour-period",
    path: "/labour-periods/{periodId}/payments",
    summary: {
      zh: "登记劳务报酬到账情况",
      en: "Record what reached people's accounts; what did not is kept apart, with the reason",
    },
    clauses: ["E-15"],
    allow: ["county-officer", "township-officer", "department-officer"],
    params: PeriodPath,
    body: z.object({
      paidOn: LineEntry.shape.signedOn.unwrap(),
      lines: z
        .array(
          z.object({
            lineId: z.uuid(),
            paidFen: LineEntry.shape.rateFen,
            because: z.enum(unpaidReasons).optional().describe("Why not all of it was paid"),
          }),
        )
        .min(1)
        .max(1_000),
    }),
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "labour-roll-still-posted", "invalid-input"],
  },
  async ({ tx, params, body, actor, today }) => {
    const locked = await lockPeriod(tx, params.periodId);
    if (!locked) return refuse("labour-period-not-found");
    const { roll, period } = locked;
    if (!["posted", "paid"].includes(period.status)) return refuse("labour-period-state");
    if (today <= (period.postedUntil ?? today)) return refuse("labour-roll-still-posted");
    if (body.paidOn > today) return wrong("/paidOn", "not-in-future", "发放日期不能晚于今天", "It is paid by today");
    const held = new Map(
      (await listLines(tx, { periodId: period.id, unpaid: undefined, after: undefined, limit: 10_000 })).map((line) => [
        line.id,
        line,
      ]),
    );
    const errors = body.lines.flatMap(({ lineId, paidFen, because = null }, at) => {
      const line = held.get(lineId);
      const error = line
        ? checkPayment({ amountFen: line.amountFen, account: line.accountMask !== null }, { paidFen, because })
        : { pointer: "/lineId", rule: "line-of-period", zh: "名册中没有此行", en: "No such line on the roll", clause: "E-15" };
      return error ? [{ ...error, pointer: `/lines/${at}${error.pointer}` }] : [];
    });
    if (errors.length > 0) return refuse("invalid-input", { errors });
    await payLines(
      tx,
      body.lines.map(({ lineId, paidFen, because = null }) => ({ id: lineId, paidFen, because })),
      body.paidOn,
    );
    const totals = await totalsOfPeriod(tx, period.id);
    const whole = totals.paidFen === totals.earnedFen;
    const paid: Period = { ...period, status: whole ? "paid" : "posted", paidBy: actorOf(actor) };
    await savePeriod(tx, paid);
    return {
      reply: periodView(paid, totals),
      events: await tellRoll(tx, roll),
      audit: auditOf("pay-labour-period", paid, { lines: body.lines.length, paidFen: totals.paidFen }),
    };
  },
);

export const verifyPeriod = command(
  {
    method: "post",
    operation: "verify-labour-period",
    path: "/labour-periods/{periodId}/verification",
    summary: {
      zh: "县级核验劳务报酬名册",
      en: "The county verifies a roll that was paid: another person than the one who recorded the payment",
    },
    clauses: ["E-15"],
    allow: ["county-officer"],
    params: PeriodPath,
    body: z.object({}),
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "same-person-twice"],
  },
  async ({ tx, params, actor, today }) => {
    const locked = await lockPeriod(tx, params.periodId);
    if (!locked) return refuse("labour-period-not-found");
    if (locked.period.status !== "paid") return refuse("labour-period-state");
    if (locked.period.paidBy === actorOf(actor)) return refuse("same-person-twice");
    const period: Period = { ...locked.period, status: "verified", verifiedOn: today };
    await savePeriod(tx, period);
    return {
      reply: await viewOf(tx, period),
      events: await tellRoll(tx, locked.roll),
      audit: auditOf("verify-labour-period", period, {}),
    };
  },
);
