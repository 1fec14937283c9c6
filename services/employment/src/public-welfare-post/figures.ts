import type { Bilingual } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { addDays, firstDayOf, type IndicatorValue, monthOf } from "@shouwang/service-kit";
import { clause } from "../kit.ts";
import { countHolders, countPay } from "../post-holder/figure-store.ts";
import { countPlaces, countStandings } from "./figure-store.ts";

const posts = "/api/v1/employment/public-welfare-posts";

/**
 * E-04: where the standards of posts in force stand against the values that hold this month. None may be above the ceiling, and none below the floor without a
 * reason: a value that changed after a rate was agreed shows here.
 */
export const postRates = clause({
  clause: "E-04",
  read: async ({ tx, actor, now, today }) => {
    const { of } = await countStandings(tx, actor.region, today);
    const below = of("below-floor");
    const figure = (code: string, value: number, title: Bilingual, standing: string, mayBe: boolean): IndicatorValue => ({
      ...{ code, clause: "E-04", title, unit: "posts", value, asOf: now.toISOString() },
      ...(mayBe ? { target: null, direction: null } : { target: 0, direction: "=" }),
      list: `${posts}?standing=${standing}`,
    });
    const month = monthOf(addDays(firstDayOf(monthOf(today)), -1));
    const pay = await countPay(tx, rangeOf(actor.region), month);
    const money = (code: string, value: number, title: Bilingual, which: string): IndicatorValue => ({
      ...{ code, clause: "E-04", title, unit: "fen", value, target: null, direction: null, asOf: now.toISOString() },
      list: `/api/v1/employment/post-pays?month=${month}${which}`,
    });
    return [
      figure(
        "E-04-below-floor-unexplained",
        below.posts - below.explained,
        { zh: "低于低保标准且未写明理由的岗位", en: "Posts below the floor without a reason" },
        "below-floor",
        false,
      ),
      figure(
        "E-04-below-floor",
        below.explained,
        { zh: "低于低保标准并写明理由的岗位", en: "Posts below the floor with a reason" },
        "below-floor",
        true,
      ),
      figure("E-04-at-ceiling", of("at-ceiling").posts, { zh: "达到上限的岗位", en: "Posts at the ceiling" }, "at-ceiling", true),
      figure(
        "E-04-above-ceiling",
        of("above-ceiling").posts,
        { zh: "高于上限的岗位", en: "Posts above the ceiling" },
        "above-ceiling",
        false,
      ),
      money("E-04-pay-approved", pay.approvedFen, { zh: "上月岗位补贴审定额", en: "Pay approved for the month before" }, ""),
      money("E-04-pay-paid", pay.paidFen, { zh: "上月岗位补贴到账额", en: "Pay arrived for the month before" }, "&status=paid"),
    ];
  },
});

/**
 * E-05: approved headcount of the posts in force on any day of the year so far, carried over or new; beside it that of the newly opened ones, and the people at
 * a post today.
 */
export const postsInYear = clause({
  clause: "E-05",
  read: async ({ tx, actor, now, today }) => {
    const from = `${today.slice(0, 4)}-01-01`;
    const { inForce, opened } = await countPlaces(tx, actor.region, { from, to: today });
    const holders = await countHolders(tx, { area: rangeOf(actor.region), on: today });
    const figure = (code: string, unit: string, value: number, title: Bilingual, list: string): IndicatorValue => ({
      ...{ code, clause: "E-05", title, unit, value, target: null, direction: null, asOf: now.toISOString(), list },
    });
    const ofYear = `${posts}?inForceFrom=${from}&inForceTo=${today}`;
    const people = `/api/v1/employment/people-at-posts?on=${today}`;
    return [
      figure("E-05", "posts", inForce, { zh: "当年公益性岗位数", en: "Public-welfare posts in the year" }, ofYear),
      figure(
        ...(["E-05-new", "posts", opened] as const),
        { zh: "当年新开发岗位数", en: "Posts newly opened in the year" },
        `${ofYear}&openedFrom=${from}`,
      ),
      figure("E-05-holders", "persons", holders, { zh: "在岗人数", en: "People at a post" }, people),
    ];
  },
});
