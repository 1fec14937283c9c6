import { Refusal, refuse } from "@shouwang/contract";
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { pause } from "./bus.ts";
import type { Log } from "./log.ts";
import { actorOf, type Principal } from "./principal.ts";

/** How an answer is followed: a name for each of its states, which `Last-Event-ID` repeats, and whether anything comes after it. */
export type Follow<R> = { idOf(reply: R): string; ended(reply: R): boolean };

/** Who follows what in this process. The question is asked again and again, so each instance serves whoever comes, and rights are looked at each time. */
export type Followers = {
  /**
   * Answers a question as a stream: event `state` for each state that differs from the one before, `end` for the last, comments in between so that nobody on the
   * way thinks the line dead. It ends when the answer does, the token does, the client goes or the service stops. 204 when the client has seen the end already.
   */
  answer<R>(c: Context, asked: Followed<R>): Promise<Response | Refusal>;
};

type Followed<R> = {
  principal: Principal;
  /** When the token is no longer good, in real time. */
  expiresAt: number;
  follow: Follow<R>;
  read(): Promise<R | Refusal>;
};

/** @param options.mostEach streams one person may hold open at once */
export function openFollowers(options: {
  stopping: AbortSignal;
  log: Log;
  mostEach?: number;
  everyMs?: number;
  heartbeatMs?: number;
}): Followers {
  const { stopping, log, mostEach = 6, everyMs = 500, heartbeatMs = 15_000 } = options;
  const open = new Map<string, number>();

  const tell = async <R>(stream: SSEStreamingApi, asked: Followed<R>, first: R, seen: string | undefined): Promise<void> => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const over = () => stopping.aborted || gone.signal.aborted || Date.now() >= asked.expiresAt;
    let said = seen;
    let saidAt = performance.now();
    for (let state = first; ; ) {
      const id = asked.follow.idOf(state);
      const ended = asked.follow.ended(state);
      if (id !== said) {
        await stream.writeSSE({ event: ended ? "end" : "state", id, data: JSON.stringify(state), retry: 1_000 });
        said = id;
        saidAt = performance.now();
      } else if (performance.now() - saidAt >= heartbeatMs) {
        await stream.write(": still here\n\n");
        saidAt = performance.now();
      }
      if (ended) return;
      await pause(Math.max(0, Math.min(everyMs, asked.expiresAt - Date.now())), stopping, gone.signal);
      if (over()) return;
      const next = await asked.read();
      // No longer theirs to see: the client asks again and is told why.
      if (next instanceof Refusal) return;
      state = next;
    }
  };

  return {
    answer: async (c, asked) => {
      const who = actorOf(asked.principal);
      const held = open.get(who) ?? 0;
      if (held >= mostEach)
        return refuse("rate-limited", {
          detail: { zh: `同时最多跟踪 ${mostEach} 项`, en: `At most ${mostEach} are followed at once` },
          retryAfterS: 5,
        });
      // Counted before anything is awaited, so that no two at once pass the limit together.
      open.set(who, held + 1);
      const leave = () => {
        const left = (open.get(who) ?? 1) - 1;
        if (left > 0) open.set(who, left);
        else open.delete(who);
      };
      try {
        const first = await asked.read();
        const seen = c.req.header("last-event-id");
        const nothingMore = !(first instanceof Refusal) && asked.follow.ended(first) && asked.follow.idOf(first) === seen;
        if (first instanceof Refusal || nothingMore) {
          leave();
          return first instanceof Refusal ? first : new Response(null, { status: 204 });
        }
        // A proxy that gathers answers before it passes them on would hold back every state but the last.
        c.header("x-accel-buffering", "no");
        return streamSSE(c, async (stream) => {
          try {
            await tell(stream, asked, first, seen);
          } catch (error) {
            // The client comes back by itself a second later.
            log.warn({ error }, "a followed answer broke off");
          } finally {
            leave();
          }
        });
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
