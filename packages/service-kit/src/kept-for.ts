import type { ParameterKey } from "@shouwang/plan";
import type { BusinessDate } from "./calendar.ts";
import type { Tx } from "./database.ts";

/**
 * What a department keeps for as many months as the region sets, and then forgets: `forget` takes up to `most` of those whose time ended before a moment, and says
 * how many.
 */
export type KeptFor<Db> = {
  /** As the audit says it: "notes of leads turned away". */
  what: string;
  months: Extract<ParameterKey, `${string}KeepMonths`>;
  forget(given: { tx: Tx<Db>; before: Date; most: number; today: BusinessDate }): Promise<number>;
};
