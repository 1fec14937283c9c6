import { parseArgs } from "node:util";
import { province } from "@shouwang/regions";
import { writeAudit } from "./audit.ts";
import { type Heads, headsOnBus, verifyAudit } from "./audit-verify.ts";
import { type Bus, connectBus, readSeed } from "./bus.ts";
import { type Config, readConfig } from "./config.ts";
import { type Database, openDatabase } from "./database.ts";
import { decideParked, openDeadLetters } from "./dead-letter.ts";
import type { Service } from "./declare.ts";
import { type Log, openLog } from "./log.ts";
import { loadKeys } from "./personal-data.ts";
import { system } from "./principal.ts";
import { rebuildInShadow } from "./shadow-rebuild.ts";

/** What is said to the person at the keyboard: a line, and whether the command did what it was asked. */
export type Said = { ok: boolean; lines: readonly string[] };

type At<Db> = { service: Service<Db>; db: Database<Db>; config: Config; log: Log };

/** A verification or a rebuild goes through everything there is. */
const commandMs = 3_600_000;

const usage = [
  "verify-audit                                    核验审计链 / verify the audit chain",
  "rebuild <reader> [--accept]                     重建投影并比对 / rebuild a projection and compare",
  "dead-letters list                               未能处理的事件 / events that could not be handled",
  "dead-letters replay|skip <id> --reason <words>  重放或跳过 / replay or skip one, or `all` of a --reader",
];

/**
 * An operator's command against a department's own database and bus, beside the running service or without it:
 * `node services/<department>/src/main.ts <command>`. Every change is an audit entry. Throws one sentence when the configuration is wrong or something is away.
 * @param args the command and its arguments
 */
export async function operate<Db>(
  service: Service<Db>,
  args: readonly string[],
  env: Record<string, string | undefined> = process.env,
): Promise<Said> {
  const wish = wishOf(args);
  if (!wish) return { ok: false, lines: usage };
  const config = readConfig(env);
  const log = openLog(service.name, "silent");
  const db = openDatabase<Db>(config.DATABASE_URL, { max: 4, statementMs: commandMs });
  try {
    const at = { service, db, config, log };
    const [command, what] = wish.words;
    if (command === "verify-audit") return await verify(at);
    if (command === "rebuild" && what !== undefined) return await rebuild(at, what, wish.accept);
    if (command === "dead-letters" && what === "list") return await listLetters(at);
    if (command === "dead-letters" && (what === "replay" || what === "skip")) return await decide(at, what, wish);
    return { ok: false, lines: usage };
  } finally {
    await db.close();
  }
}

type Wish = { words: string[]; accept: boolean; reason: string | undefined; reader: string | undefined };

function wishOf(args: readonly string[]): Wish | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { accept: { type: "boolean", default: false }, reason: { type: "string" }, reader: { type: "string" } },
    });
    return { words: positionals, accept: values.accept, reason: values.reason, reader: values.reader };
  } catch {
    return undefined;
  }
}

async function verify<Db>(at: At<Db>): Promise<Said> {
  const { service, db } = at;
  const heads = await publishedHeads(at);
  const found = await db.withReadTx(system("verify-audit"), (tx) => verifyAudit(tx, undefined, heads));
  if (found.ok)
    return {
      ok: true,
      lines: [
        `✓ ${service.name}  审计链完整 / the audit chain is whole: ${found.entries} entries, head ${found.head}`,
        heads
          ? `  与总线上已公布的 ${heads.size} 个链头一致 / as the ${heads.size} heads on the bus say`
          : "  未与总线核对:无法连接 NATS / not compared with the bus: NATS cannot be reached",
      ],
    };
  const { seq, auditId, because } = found.firstBad;
  const where = [...(seq === undefined ? [] : [`seq ${seq}`]), ...(auditId === undefined ? [] : [`id ${auditId}`])].join(", ");
  return {
    ok: false,
    lines: [
      `✗ ${service.name}  审计链有误 / the audit chain is broken: ${because} (${where}); ${found.entries} entries before it are good`,
    ],
  };
}

const reachBus = async <Db>({ service, config, log }: At<Db>): Promise<Bus | undefined> => {
  const authenticator = config.NATS_SEED_FILE === undefined ? undefined : await readSeed(config.NATS_SEED_FILE);
  return await connectBus(service.name, config.NATS_URL, authenticator, AbortSignal.timeout(10_000), log);
};

async function publishedHeads<Db>(at: At<Db>): Promise<Heads | undefined> {
  const bus = await reachBus(at);
  try {
    return bus && (await headsOnBus(bus, at.service.auditHead));
  } catch {
    return undefined;
  } finally {
    await bus?.connection.close();
  }
}

async function rebuild<Db>(at: At<Db>, name: string, accept: boolean): Promise<Said> {
  const { service, db, config, log } = at;
  const readers = service.slices.flatMap((slice) => slice.readers ?? []);
  const reader = readers.find((each) => each.name === name);
  if (!reader) {
    const known = readers.filter((each) => each.kind === "projection").map((each) => each.name);
    return { ok: false, lines: [`✗ 没有该读者 / no reader ${name}; 可重建 / projections: ${known.join(", ") || "—"}`] };
  }
  const bus = await reachBus(at);
  if (!bus) return { ok: false, lines: ["✗ 无法连接 NATS / NATS cannot be reached"] };
  try {
    const appRole = new URL(config.DATABASE_URL).username;
    const rebuilt = await rebuildInShadow({
      db,
      bus,
      ownerUrl: config.MIGRATION_DATABASE_URL,
      appRole,
      reader,
      accept,
      keys: await loadKeys(config.KEYS_FILE),
      log,
    });
    const { position, before, after, outcome } = rebuilt;
    const said = {
      equal: "✓ 一致,无需更换 / equal: nothing needed to be changed",
      swapped: "✓ 不一致,已更换 / different: the rebuilt rows took the place of the old ones",
      different: "✗ 不一致,未更换;如要更换请加 --accept / different: nothing was changed; --accept swaps them",
    }[outcome];
    return {
      ok: outcome !== "different",
      lines: [`${reader.name} @ ${position}`, `  before ${before}`, `  after  ${after}`, said],
    };
  } finally {
    await bus.connection.close();
  }
}

async function listLetters<Db>({ service, db }: At<Db>): Promise<Said> {
  const letters = await db.withReadTx(system("dead-letters"), (tx) => openDeadLetters(tx, 1_000));
  const lines = letters.map(
    (letter) =>
      `${String(letter.id).padStart(8)}  ${letter.state.padEnd(6)}  ${letter.reader} ← ${letter.source} @ ${letter.position}  ${letter.type}  ${letter.entityKey}  ×${letter.attempts}  ${letter.error}`,
  );
  return { ok: true, lines: [...lines, `${service.name}: ${letters.length} 条未处理 / open`] };
}

/** Tries one again (or all open ones of a reader) now, or gives it up for good; the running service takes it from there. */
async function decide<Db>({ db, config }: At<Db>, decision: "replay" | "skip", wish: Wish): Promise<Said> {
  const { reason, reader } = wish;
  const which = wish.words[2] ?? "";
  const all = which === "all" && reader !== undefined;
  if (reason === undefined || reason.length < 2 || !(all || /^\d{1,15}$/.test(which))) return { ok: false, lines: usage };
  const keys = await loadKeys(config.KEYS_FILE);
  const operator = system("operator");
  const decided = await db.withTx(operator, async (tx) => {
    const open = await openDeadLetters(tx, 10_000);
    const chosen = open.filter((letter) => (all ? letter.reader === reader : letter.id === Number(which)));
    for (const { id } of chosen) await decideParked(tx, id, decision, reason);
    const entries = chosen.map(({ id }) => ({
      action: `dead-letter-${decision}`,
      entity: "dead-letter",
      entityId: String(id),
      region: province().code,
      purpose: reason,
      changed: { decision, reason },
    }));
    await writeAudit(tx, keys, operator, entries);
    return chosen.length;
  });
  const done = decision === "replay" ? "即将重放 / will be replayed" : "已跳过 / skipped";
  return decided > 0
    ? { ok: true, lines: [`✓ ${decided} ${done}`] }
    : { ok: false, lines: ["✗ 没有这样的未处理事件 / there is no such open event"] };
}
