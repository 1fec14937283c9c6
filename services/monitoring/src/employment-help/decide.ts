import type { Bilingual, MeasureCategory } from "@shouwang/contract";

/** What kinds of help employment gives, and the national column each is filed under. Pay of a post is income; its help is the post itself, from the first day. */
export const helpKinds = {
  "public-welfare-post": { category: "public-welfare-post", zh: "公益性岗位上岗", en: "a public-welfare post" },
  "transport-subsidy": { category: "job", zh: "往返交通补助", en: "transport subsidy" },
  "labour-subsidy": { category: "job", zh: "劳务补助", en: "labour subsidy" },
  "assistance-workshop": { category: "job", zh: "帮扶车间就业", en: "work in an assistance workshop" },
  "organised-export": { category: "job", zh: "有组织输出务工", en: "organised work away" },
  "returnee-help": { category: "job", zh: "返乡人员就业帮扶", en: "help for somebody who came back" },
  training: { category: "job", zh: "技能培训", en: "training" },
  "yulu-to-job": { category: "job", zh: "雨露计划毕业生就业", en: "a Yulu graduate placed in a job" },
  "yulu-grant": { category: "other-schooling", zh: "雨露计划补助", en: "Yulu grant" },
} as const satisfies Record<string, Bilingual & { category: MeasureCategory }>;
export type HelpKind = keyof typeof helpKinds;

/**
 * M-04b, M-06: what a record of employment means as help. `given`: it reached the household on a day. `taken-back`: it did not, or is asked back. `no-word`: the
 * state says neither, and what was credited before stays as it is.
 */
export type Help =
  | { word: "given"; kind: HelpKind; on: string; amountFen: number | null; epidemic: boolean }
  | { word: "taken-back" }
  | { word: "no-word" };

const given = (kind: HelpKind, on: string, more: { amountFen?: number; epidemic?: boolean } = {}): Help => ({
  ...{ word: "given", kind, on },
  amountFen: more.amountFen ?? null,
  epidemic: more.epidemic ?? false,
});

/** A claim helps when its money arrived, never when it was approved; not paid after all, or clawed back, it did not help. */
export function helpOfClaim(
  kind: "transport-subsidy" | "labour-subsidy" | "yulu-grant",
  claim: { status: string; paidOn: string | null; amountFen: number },
): Help {
  if (claim.status === "paid" && claim.paidOn !== null) return given(kind, claim.paidOn, { amountFen: claim.amountFen });
  return { word: "taken-back" };
}

/** A post helps from its first day, whatever ends it; work does where the county found it: organised work away, a workshop. Corrected to be other work, it did not. */
export function helpOfWork(work: {
  kind: "work-record" | "post-holder";
  channel: string;
  from: string;
  until?: string | null;
}): Help {
  if (work.until && work.until < work.from) return { word: "taken-back" };
  if (work.kind === "post-holder") return given("public-welfare-post", work.from);
  if (work.channel === "assistance-workshop" || work.channel === "organised-export") return given(work.channel, work.from);
  return { word: "taken-back" };
}

/** E-10: somebody who came back is helped when the file says so, on the day it was told; how it ends afterwards takes nothing back. */
export function helpOfReturnee(returnee: { status: string; epidemic: boolean }, toldOn: string): Help {
  return returnee.status === "helping" ? given("returnee-help", toldOn, { epidemic: returnee.epidemic }) : { word: "no-word" };
}
