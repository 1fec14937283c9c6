import { type Refusal, refuse } from "@shouwang/contract";
import { sql } from "kysely";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { z } from "zod";
import { addDays, businessDate, startOfDay } from "./calendar.ts";
import type { Executor } from "./database.ts";
import { actorOf, type Principal } from "./principal.ts";

/** So many requests in so many seconds. */
export type Limit = { requests: number; seconds: number };

const secondsOf = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A limit as it is configured: `500/10s`, `60/m`, or `off`. Set but empty means the default. */
export const limitSetting = (byDefault: string) =>
  z.preprocess(
    (value) => (value === undefined || value === "" ? byDefault : value),
    z.string().transform((text, ctx): Limit | undefined => {
      if (text === "off") return undefined;
      const parsed = /^([1-9]\d{0,6})\/([1-9]\d{0,3})?([smhd])$/.exec(text);
      const unit = z.enum(["s", "m", "h", "d"]).safeParse(parsed?.[3]);
      if (!parsed || !unit.success) {
        ctx.addIssue({ code: "custom", message: "not a limit" });
        return undefined;
      }
      return { requests: Number(parsed[1]), seconds: Number(parsed[2] || "1") * secondsOf[unit.data] };
    }),
  );

/** What a request counts as. `searches` are questions with a body: what must not stand in a URL, such as an identity number. */
export type RouteClass = "reads" | "writes" | "uploads" | "searches";

/** The class of a route. A reveal is a write, with a daily limit besides. */
export const classOf = (route: { changes: boolean; upload: boolean; body: unknown }): RouteClass => {
  if (route.upload) return "uploads";
  if (route.changes) return "writes";
  return route.body ? "searches" : "reads";
};

/** A class without a limit is not counted. */
export type Limits = Partial<Record<RouteClass | "unsigned", Limit | undefined>> & {
  /** `issuer|subject` of service accounts that none of these limits holds for; the daily limit of reveals does. */
  exempt?: readonly string[];
};

export type RateLimiter = {
  /** Counts a request of somebody signed in; a refusal when there were too many of its class. */
  signed(principal: Principal, routeClass: RouteClass): Promise<Refusal<"rate-limited"> | undefined>;
  /** Counts a request that nobody vouches for, by the address it came from. */
  unsigned(address: string): Promise<Refusal<"rate-limited"> | undefined>;
};

/** Counts requests in this process's memory, per client and class: several instances allow as many times as much together. */
export function rateLimiter(limits: Limits): RateLimiter {
  const exempt = new Set(limits.exempt ?? []);
  const counter = (limit: Limit | undefined) =>
    limit && new RateLimiterMemory({ points: limit.requests, duration: limit.seconds });
  const counters = {
    reads: counter(limits.reads),
    writes: counter(limits.writes),
    uploads: counter(limits.uploads),
    searches: counter(limits.searches),
    unsigned: counter(limits.unsigned),
  };
  const count = async (which: keyof typeof counters, who: string) => {
    try {
      await counters[which]?.consume(who);
      return undefined;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return tooMany(Math.max(1, Math.ceil(error.msBeforeNext / 1_000)));
    }
  };
  return {
    signed: async (principal, routeClass) => {
      const who = actorOf(principal);
      return exempt.has(who) ? undefined : await count(routeClass, who);
    },
    unsigned: (address) => count("unsigned", address),
  };
}

const tooMany = (retryAfterS: number): Refusal<"rate-limited"> =>
  refuse("rate-limited", {
    detail: { zh: `请在 ${retryAfterS} 秒后再试`, en: `Try again in ${retryAfterS} s` },
    retryAfterS,
  });

/**
 * Counts a reveal against somebody's day, in the reveal's transaction: one that is refused or fails counts nothing, and no two at once pass the limit
 * together. @param perDay undefined: no limit
 */
export async function countReveal(
  tx: Executor,
  principal: Principal,
  now: Date,
  perDay: number | undefined,
): Promise<Refusal<"rate-limited"> | undefined> {
  if (perDay === undefined) return undefined;
  const today = businessDate(now);
  const counted =
    await sql`insert into kit.reveal_day as d (issuer, subject, day, reveals) values (${principal.issuer}, ${principal.subject}, ${today}, 1)
    on conflict (issuer, subject, day) do update set reveals = d.reveals + 1 where d.reveals < ${perDay}`.execute(tx);
  if (counted.numAffectedRows === 1n) return undefined;
  const retryAfterS = Math.ceil((startOfDay(addDays(today, 1)).getTime() - now.getTime()) / 1_000);
  return refuse("rate-limited", {
    detail: {
      zh: `每人每日最多查看 ${perDay} 次明文信息,请明日再试`,
      en: `At most ${perDay} reveals a person a day; try again tomorrow`,
    },
    retryAfterS,
  });
}

/** Forgets what was counted on days long past. @returns how many rows */
export async function forgetReveals(tx: Executor): Promise<number> {
  const gone = await sql`delete from kit.reveal_day where day < kit.today() - 7`.execute(tx);
  return Number(gone.numAffectedRows ?? 0n);
}
