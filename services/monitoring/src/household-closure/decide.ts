import { type Reason, type Refusal, refuse } from "@shouwang/contract";

/** Natural reduction, and the household that should never have been registered; the value is the Chinese term. */
export const closureCodes = {
  death: "整户死亡",
  "moved-away": "整户迁出本自治区",
  marriage: "婚嫁",
  prison: "服刑",
  army: "参军",
  "urban-registration": "户籍转为非农",
  "lost-contact": "失联",
  "registered-by-mistake": "误登记",
  other: "其他",
} as const;
export type ClosureCode = keyof typeof closureCodes;

/** The four grounds other departments know; merging has a command of its own. */
export const publicGround = (code: ClosureCode): "death" | "moved-away" | "other" =>
  code === "death" || code === "moved-away" ? code : "other";

/** What has been recorded of a household besides its registration, by kind. */
export type Records = Readonly<Record<string, number>>;

/**
 * Whether a household may be closed on this ground and day. Registered by mistake only while nothing was recorded of it: what people have done for a
 * household stays on file, and then it ends by natural reduction.
 */
export function mayClose(given: {
  code: ClosureCode;
  on: string;
  today: string;
  since: string;
  records: Records;
}): Refusal<"invalid-input" | "household-in-use"> | undefined {
  if (given.on > given.today || given.on < given.since)
    return refuse("invalid-input", {
      errors: [
        {
          pointer: "/on",
          rule: "within-registration",
          zh: `日期须在登记日${given.since}与今天之间`,
          en: `The day lies between registration, ${given.since}, and today`,
          clause: "M-01",
        },
      ],
    });
  const present = Object.entries(given.records).filter(([, count]) => count > 0);
  if (given.code !== "registered-by-mistake" || present.length === 0) return undefined;
  const reasons: Reason[] = present.map(([kind, count]) => ({
    code: "household-has-records",
    clause: "M-01",
    zh: `已有业务记录:${kind}`,
    en: `Records of the household: ${kind}`,
    facts: [{ name: { zh: "数量", en: "Number" }, value: count }],
  }));
  return refuse("household-in-use", { reasons });
}
