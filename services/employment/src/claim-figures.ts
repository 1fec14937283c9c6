import type { Bilingual } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { claimFigures, type IndicatorValue } from "@shouwang/service-kit";
import { clause } from "./kit.ts";

/** A clause's claims in the year so far: who claimed, was granted and was paid, and how much; the list behind each names the people. */
export const claimsClause = (of: { kind: string; path: string; clause: string; named: Bilingual }) =>
  clause({
    clause: of.clause,
    read: async ({ tx, actor, now, today }) => {
      const year = today.slice(0, 4);
      const [figures] = await claimFigures(tx, of.kind, rangeOf(actor.region), year);
      const figure = (what: string, unit: string, value: number, zh: string, en: string, which: string): IndicatorValue => ({
        ...{
          code: `${of.clause}-${what}`,
          clause: of.clause,
          unit,
          value,
          target: null,
          direction: null,
          asOf: now.toISOString(),
        },
        title: { zh: `当年${of.named.zh}${zh}`, en: `${of.named.en} of the year: ${en}` },
        list: `/api/v1/employment${of.path}?${which}=${year}`,
      });
      return [
        figure("claimed", "persons", figures?.claimed ?? 0, "申请人数", "people who claimed", "madeIn"),
        figure("approved", "persons", figures?.approved ?? 0, "审定人数", "people granted it", "approvedIn"),
        figure("paid", "persons", figures?.paid ?? 0, "发放人数", "people paid", "paidIn"),
        figure("paid-fen", "fen", figures?.paidFen ?? 0, "发放金额", "money paid", "paidIn"),
      ];
    },
  });
