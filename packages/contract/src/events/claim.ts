import type { z } from "zod";
import { defineEvent, type EventAbout } from "../define-event.ts";
import type { Bilingual, Department } from "../vocabulary.ts";
import type { ClaimStatus } from "./fields.ts";

/**
 * The four events in which other departments meet a claim for money: approved, rejected, paid, clawed-back, each with the claim's whole state.
 * Income and help are credited at `paid`, never at `approved`.
 */
export function claimEvents<const N extends `${Department}.${string}`, S extends z.ZodObject>(
  name: N,
  state: S,
  about: {
    of: Bilingual;
    clauses: readonly string[];
    readers: EventAbout<S>["readers"];
    example: (status: ClaimStatus) => z.input<S>;
  },
) {
  const { of, clauses, readers, example } = about;
  const stateAs = (status: ClaimStatus, zh: string, en: string): EventAbout<S> => ({
    kind: "state",
    clauses,
    readers,
    title: { zh: `${of.zh}${zh}`, en: `${of.en} ${en}` },
    example: example(status),
  });
  return {
    approved: defineEvent(`${name}.approved`, 1, state, stateAs("approved", "已审定", "approved")),
    rejected: defineEvent(`${name}.rejected`, 1, state, stateAs("rejected", "不予批准", "rejected")),
    paid: defineEvent(`${name}.paid`, 1, state, stateAs("paid", "已发放", "paid")),
    clawedBack: defineEvent(`${name}.clawed-back`, 1, state, stateAs("clawed-back", "已追回", "clawed back")),
  };
}
