import { refuse } from "@shouwang/contract";
import { province } from "@shouwang/regions";
import { sql } from "kysely";
import { z } from "zod";
import { kitFor, type Route, type Service } from "./declare.ts";
import { type JobKind, requestJob } from "./job.ts";
import { system } from "./principal.ts";
import { columnStep, letterStep } from "./seal-again.ts";
import { kitSealed } from "./sealed-column.ts";

const kind = "key-rotation";
/** Where the rotation stands: which step of the list, and the id it went through last; empty before the first. */
const Place = z.object({ step: z.int(), after: z.string() });

/**
 * Seals everything again that is not under the current key: records and files of every column the service and the kit declare, and private events put
 * aside, in chunks in order of their ids. Only the sealed bytes change: no version, no time of change, no event. Keyed indexes have a key of their own, which is not
 * rotated. What cannot be opened (its key is gone, or it was tampered with) stays as it is and is counted as `unreadable`.
 */
export function keyRotationJob<Db>(service: Service<Db>): JobKind<Db> {
  const letters = privateReaders(service);
  const steps = [
    ...[...kitSealed, ...(service.sealed ?? [])].map(columnStep),
    ...(letters.length > 0 ? [letterStep(letters)] : []),
  ];
  return {
    kind,
    run: async ({ tx, jobId, keys, checkpoint }) => {
      const place = Place.default({ step: 0, after: "" }).parse(checkpoint);
      const step = steps[place.step];
      if (!step) throw new Error("the rotation has no such step");
      const { last, sealedAgain, unreadable } = await step.sealNext(tx, keys, place.after);
      const next = last === undefined ? { step: place.step + 1, after: "" } : { ...place, after: last };
      const totals = { sealedAgain, unreadable };
      const audit = [
        {
          action: "seal-again",
          entity: step.name,
          entityId: jobId,
          region: province().code,
          changed: { key: keys.current, ...totals },
        },
      ];
      if (steps[next.step]) return { totals, audit, next };
      // What an instance with the older key file sealed behind our back is told, so that the operator asks once more.
      let remaining = 0;
      for (const each of steps) remaining += await each.countOlder(tx, keys);
      return { totals, audit, result: { key: keys.current, remaining } };
    },
  };
}

/** Readers whose dead letters are sealed. */
const privateReaders = <Db>(service: Service<Db>): string[] =>
  service.slices.flatMap((slice) => (slice.readers ?? []).flatMap((reader) => (reader.kind === "private" ? [reader.name] : [])));

/** `POST /key-rotations`: an operator asks for the rotation, after the new key was made the current one in every instance's key file. */
export function keyRotationRoute<Db>(): Route<Db> {
  return kitFor<Db>().command(
    {
      method: "post",
      operation: "rotate-keys",
      path: "/key-rotations",
      summary: { zh: "用现行密钥重新加密", en: "Seal everything again under the current key" },
      allow: ["operator"],
      reply: z.object({ jobId: z.string() }),
      status: 202,
      problems: ["state-conflict"],
    },
    async ({ tx, actor, keys }) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${kind}, 0))`.execute(tx);
      const running = await sql`select from kit.job where kind = ${kind} and state in ('queued', 'running') limit 1`.execute(tx);
      if (running.rows.length > 0)
        return refuse("state-conflict", { detail: { zh: "轮换任务正在进行", en: "A rotation is under way" } });
      // The job reaches every area, whatever the operator's own.
      const jobId = await requestJob(tx, system(kind), { kind, region: actor.region.padEnd(12, "0"), input: {} });
      const region = province().code;
      return {
        reply: { jobId },
        audit: [{ action: "rotate-keys", entity: "job", entityId: jobId, region, changed: { key: keys.current } }],
      };
    },
  );
}
