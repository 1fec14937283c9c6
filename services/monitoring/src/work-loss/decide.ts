import type { Reason } from "@shouwang/contract";
import { addDays, type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";

/** Work that was lost, as employment told it: of a work record, a public-welfare post, or of somebody who came back. */
export type WorkLoss = {
  sourceKind: "work-record" | "post-holder" | "returnee";
  sourceId: string;
  personId: string;
  /** Last day at work, or the day of return. */
  lostOn: string;
  because: string;
  epidemic: boolean;
};

export type LossSettings = { workReasons: readonly string[]; postReasons: readonly string[]; graceDays: number };

/** M-05: the loss a time at work tells of, where it has ended for a reason the settings name; undefined where it is none. */
export function lossOfWork(
  work: { kind: "work-record" | "post-holder"; id: string; personId: string; until: string | null; endedBecause: string | null },
  { workReasons, postReasons }: LossSettings,
): WorkLoss | undefined {
  const { kind, id, personId, until, endedBecause } = work;
  const reasons = kind === "work-record" ? workReasons : postReasons;
  if (until === null || endedBecause === null || !reasons.includes(endedBecause)) return undefined;
  const loss = { sourceKind: kind, sourceId: id, personId, lostOn: until };
  return { ...loss, because: endedBecause, epidemic: endedBecause === "epidemic" };
}

/** M-05, E-10: somebody who came back because of the epidemic and has no work again lost it, whether or not a record says so. */
export function lossOfReturnee(returnee: {
  returneeId: string;
  personId: string;
  returnedOn: string;
  epidemic: boolean;
  status: string;
}): WorkLoss | undefined {
  const over = ["settled", "left-again", "closed"].includes(returnee.status);
  if (!returnee.epidemic || over) return undefined;
  const { returneeId, personId, returnedOn } = returnee;
  return { sourceKind: "returnee", sourceId: returneeId, personId, lostOn: returnedOn, because: "epidemic", epidemic: true };
}

/** The first day on which a loss is looked at: whoever finds other work within the days of grace is in no trouble. */
export const dueOn = (loss: Pick<WorkLoss, "lostOn">, graceDays: number): BusinessDate =>
  addDays(parseBusinessDate(loss.lostOn), graceDays + 1);

/** What is known when a loss is looked at. */
export type LossFacts = {
  /** Member of a household today. */
  member: boolean;
  /** The household is lifted or monitored, its risk not cleared, and there (M-05). */
  watched: boolean;
  atWork: boolean;
  /** The household is being identified or helped for unstable work or the epidemic already, or a visit found this time without work to be no risk. */
  known: boolean;
};
export type LossOutcome = "raise" | "has-work" | "known" | "not-watched" | "not-a-member" | "too-long-ago";

/** M-05: whether a loss raises a lead on the day it is looked at. One told long after it happened is history, not a sign. */
export function judgeLoss(loss: WorkLoss, facts: LossFacts, given: { today: BusinessDate; newDays: number }): LossOutcome {
  if (!facts.member) return "not-a-member";
  if (!facts.watched) return "not-watched";
  if (facts.atWork) return "has-work";
  if (loss.lostOn < addDays(given.today, -given.newDays)) return "too-long-ago";
  return facts.known ? "known" : "raise";
}

const becauses: Record<string, { zh: string; en: string }> = {
  epidemic: { zh: "因疫", en: "because of the epidemic" },
  "contract-ended": { zh: "合同期满", en: "the contract ended" },
  "laid-off": { zh: "被辞退或裁减", en: "laid off" },
  health: { zh: "因健康原因", en: "for reasons of health" },
  family: { zh: "因家庭原因", en: "for the family's sake" },
  "term-ended": { zh: "岗位期满", en: "the term of the post ended" },
  "over-age": { zh: "超龄离岗", en: "over the age of the post" },
  "not-serving": { zh: "不履职离岗", en: "not serving at the post" },
  other: { zh: "其他原因", en: "for another reason" },
};
const kinds = {
  "work-record": { zh: "务工", en: "work" },
  "post-holder": { zh: "公益性岗位", en: "public-welfare post" },
  returnee: { zh: "返乡前务工", en: "work before the return" },
};

/** Why a loss raises a lead: what ended when and why, and that no other work is known until the day employment was heard. */
export function reasonsOf(
  loss: WorkLoss,
  given: { graceDays: number; document: string; heardOn: string; ableWorkers: number },
): Reason[] {
  const because = becauses[loss.because] ?? { zh: loss.because, en: loss.because };
  const kind = kinds[loss.sourceKind];
  const about = {
    clause: "M-05",
    parameter: loss.sourceKind === "post-holder" ? "lead.postLossReasons" : "lead.workLossReasons",
  };
  return [
    {
      ...about,
      code: "work-lost",
      zh: `家庭成员${kind.zh}于${loss.lostOn}终止：${because.zh}`,
      en: `A member's ${kind.en} ended on ${loss.lostOn}: ${because.en}`,
      facts: [
        { name: { zh: "最后在岗日", en: "Last day at work" }, value: loss.lostOn, source: "employment", date: loss.lostOn },
        { name: { zh: "原因", en: "Reason" }, value: loss.because, source: "employment", date: loss.lostOn },
        { name: { zh: "家庭劳动力", en: "Able workers of the household" }, value: given.ableWorkers, source: "monitoring" },
      ],
    },
    {
      clause: "M-05",
      parameter: "lead.workLossGraceDays",
      document: given.document,
      code: "no-other-work",
      zh: `满${given.graceDays}天未另有务工或公益性岗位（稳岗就业数据截至${given.heardOn}）`,
      en: `No other work or post after ${given.graceDays} days, as employment tells it until ${given.heardOn}`,
      facts: [
        { name: { zh: "宽限天数", en: "Days of grace" }, value: given.graceDays },
        {
          name: { zh: "就业数据截至", en: "Employment heard until" },
          value: given.heardOn,
          source: "employment",
          date: given.heardOn,
        },
      ],
    },
  ];
}
