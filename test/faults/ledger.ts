import fc from "fast-check";
import type { WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";

/** An event that a command must have caused: which entity, in which version, and what was spent with it. */
export type Told = { entity: string; entityId: string; version: number; fen?: number };
export type Reply = { status: number; json: Record<string, unknown>; headers: Headers };

/** A kind of command: the events it causes, by its reply. */
export type Kind = { entities: readonly string[]; told(reply: Record<string, unknown>): Told[] };

type Command = { key: string; kind: Kind; answer: "acknowledged" | "refused" | "unknown"; told: Told[]; call: Call };
type Call = (key: string) => Promise<Reply>;

/** Every command that was sent, and what was answered. A command without an answer, or answered with a 5xx, may have been done or not: it is unknown. */
export type Ledger = ReturnType<typeof openLedger>;

/** The seed of this run: FAULTS_SEED repeats an earlier one. */
const seed = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);

/** So many things to do, the same for the same seed. */
export const sample = <T>(what: fc.Arbitrary<T>, count: number): T[] => fc.sample(what, { numRuns: count, seed });

export function openLedger() {
  const commands: Command[] = [];
  const outside: Told[] = [];
  const odd: string[] = [];
  let slowestMs = 0;
  let atFirstUnknown = 0;

  const settle = async (command: Command): Promise<Reply | undefined> => {
    const startedAt = performance.now();
    const reply = await command.call(command.key).catch(() => undefined);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    if (reply && reply.status < 300) {
      command.answer = "acknowledged";
      command.told = command.kind.told(reply.json);
    } else command.answer = reply && reply.status < 500 ? "refused" : "unknown";
    const excused = reply === undefined || reply.status < 500 || (reply.status === 503 && reply.headers.has("retry-after"));
    if (!excused) odd.push(`${reply.status} ${String(reply.json["code"])}`);
    return reply;
  };

  return {
    seed,
    /** Sends a command under a key of its own and writes down what came of it. */
    send: async (kind: Kind, call: Call): Promise<Reply | undefined> => {
      const command: Command = { key: crypto.randomUUID(), kind, answer: "unknown", told: [], call };
      commands.push(command);
      const reply = await settle(command);
      if (command.answer === "unknown") atFirstUnknown += 1;
      return reply;
    },
    /** Sends every command nobody knows of once more under its old key, as a client does. */
    askAgain: async (): Promise<void> => {
      for (const command of commands) if (command.answer === "unknown") await settle(command);
    },
    /** Events that no command here has caused, such as those of an import. */
    alsoTold: (told: readonly Told[]): void => void outside.push(...told),
    acknowledged: () => commands.filter(({ answer }) => answer === "acknowledged"),
    /** How many commands got no answer at first, or a 5xx. */
    unknown: () => atFirstUnknown,
    attempted: () => commands.length,
    entities: () => [...new Set([...commands.flatMap(({ kind }) => kind.entities), ...outside.map(({ entity }) => entity)])],
    /** The events of every command that was done: acknowledged, or unknown and found with its reply in the database. */
    told: async (database: WardDatabase): Promise<Told[]> => {
      const unknown = commands.filter(({ answer }) => answer === "unknown");
      const kept = await database.rows<{ key: string; reply: Record<string, unknown> }>(
        "select key, reply from kit.idempotency where status is not null and key = any($1::text[])",
        [unknown.map(({ key }) => key)],
      );
      const replies = new Map(kept.map(({ key, reply }) => [key, reply]));
      const caused = commands.flatMap(({ key, kind, told }) => {
        const reply = replies.get(key);
        return reply ? kind.told(reply) : told;
      });
      return [...caused, ...outside];
    },
    /** Answers that no fault excuses: anything above 499 but a 503 that says when to try again. */
    odd: (): readonly string[] => odd,
    slowestMs: () => slowestMs,
    sums: () =>
      `attempted ${commands.length}, acknowledged ${commands.filter(({ answer }) => answer === "acknowledged").length}, unknown ${atFirstUnknown}`,
  };
}
