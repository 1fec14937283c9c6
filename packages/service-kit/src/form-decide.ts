import { type Refusal, refuse } from "@shouwang/contract";
import { type BusinessDate, businessDate } from "./calendar.ts";

/** What of a printed form its return turns on; `facts` is the keyed hash of what was printed. */
type ReturnedForm = {
  state: "printed" | "signed";
  facts: string;
  layout: number;
  householdId: string | null;
  printedAt: Date;
  signedOn: string | null;
};

/**
 * Whether a signed form may be filed. It must be of the household whose file it is put into (where the sender says which), not filed before, signed between
 * its printing and today, and still say what the registry says: what was signed for is what stands there now.
 * @param facts keyed hash of what would be printed today
 */
export function decideReturn(
  form: ReturnedForm,
  given: {
    facts: string;
    layout: number;
    markedLayout: number;
    householdId: string | undefined;
    signedOn: BusinessDate;
    today: BusinessDate;
  },
): Refusal<"form-of-other-household" | "form-used" | "form-outdated" | "invalid-input"> | undefined {
  if (given.householdId !== undefined && given.householdId !== form.householdId) return refuse("form-of-other-household");
  if (form.state === "signed")
    return refuse("form-used", {
      detail: { zh: `该表已于${form.signedOn}签字归档`, en: `It was signed on ${form.signedOn} and filed` },
    });
  const printedOn = businessDate(form.printedAt);
  if (given.signedOn < printedOn || given.signedOn > given.today)
    return refuse("invalid-input", {
      errors: [
        {
          pointer: "/signedOn",
          rule: "signed-after-printing",
          zh: `签字日期应在打印日(${printedOn})至今天之间`,
          en: `Signed between its printing (${printedOn}) and today`,
        },
      ],
    });
  if (form.layout !== given.layout || given.markedLayout !== form.layout)
    return refuse("form-outdated", {
      detail: { zh: "表样已更新,请重新打印签字", en: "The form has a newer layout; print and sign it again" },
    });
  if (form.facts !== given.facts)
    return refuse("form-outdated", {
      detail: {
        zh: "打印后登记内容已变化,请重新打印签字",
        en: "What it says has changed since it was printed; print and sign it again",
      },
    });
  return undefined;
}
