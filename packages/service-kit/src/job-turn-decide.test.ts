import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextTurn, type TurnJob, type TurnKind } from "./job-turn-decide.ts";

const now = new Date("2022-08-15T01:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000);
const kinds: TurnKind[] = [{ kind: "list", inTurn: 2 }, { kind: "errand" }, { kind: "scenery", background: true }];
const given = { among: kinds.map(({ kind }) => kind), now };
/** A job asked for `asked` seconds ago; `turn` seconds ago its last chunk began, `askerTurn` the last one of its asker. */
const job = (
  id: string,
  asker: string,
  more: Partial<TurnJob> & { asked?: number; turn?: number; askerTurn?: number } = {},
): TurnJob => {
  const { asked = 60, turn, askerTurn = turn, ...rest } = more;
  return {
    id,
    asker,
    kind: "errand",
    createdAt: ago(asked),
    begun: turn !== undefined,
    atWork: false,
    due: true,
    turnAt: turn === undefined ? null : ago(turn),
    askerTurnAt: askerTurn === undefined ? null : ago(askerTurn),
    ...rest,
  };
};

describe("the next turn", () => {
  test.each<[string, TurnJob[], string | undefined]>([
    ["is nobody's where nothing waits", [], undefined],
    ["is that of the only one", [job("a", "ann")], "a"],
    [
      "goes to who never had one before who had one long ago",
      [job("a", "ann", { askerTurn: 900, asked: 99 }), job("b", "ben")],
      "b",
    ],
    ["goes to whose last turn is longest ago", [job("a", "ann", { turn: 3 }), job("b", "ben", { turn: 5 })], "b"],
    [
      "goes to who has nothing under way before who has, however long ago that began",
      [job("a1", "ann", { turn: 50, atWork: true }), job("a2", "ann", { askerTurn: 50 }), job("b", "ben", { turn: 2 })],
      "b",
    ],
    ["is not that of a job at work", [job("a", "ann", { turn: 2, atWork: true })], undefined],
    [
      "is not that of a job that waits to be tried again",
      [job("a", "ann", { turn: 9, due: false }), job("b", "ben", { turn: 1 })],
      "b",
    ],
    [
      "goes to an asker's jobs of a kind in the order they were asked for",
      [job("x", "ann", { asked: 9 }), job("y", "ann", { asked: 10 })],
      "y",
    ],
    [
      "stays with a job that has begun before another of its kind",
      [job("x", "ann", { turn: 4 }), job("y", "ann", { asked: 99, askerTurn: 4 })],
      "x",
    ],
    [
      "goes round an asker's kinds of work",
      [job("x", "ann", { turn: 1, asked: 99, kind: "list" }), job("y", "ann", { asked: 50, askerTurn: 1 })],
      "y",
    ],
    [
      "leaves those waiting who would be one list too many",
      [job("a", "ann", { kind: "list", turn: 1 }), job("b", "ben", { kind: "list", turn: 2 }), job("c", "cai", { kind: "list" })],
      "b",
    ],
    [
      "does not give the last place to who holds one",
      [job("a1", "ann", { kind: "list", turn: 1, atWork: true }), job("a2", "ann", { kind: "list", askerTurn: 1 })],
      undefined,
    ],
    [
      "gives the last place to who holds none",
      [job("a1", "ann", { kind: "list", turn: 1, atWork: true }), job("c", "cai", { kind: "list" })],
      "c",
    ],
    [
      "passes the background by while anything else is due",
      [job("s", "sys", { kind: "scenery" }), job("a", "ann", { turn: 1 })],
      "a",
    ],
    ["… or at work", [job("s", "sys", { kind: "scenery" }), job("a", "ann", { turn: 1, atWork: true })], undefined],
    [
      "… but not one that waits to be tried again",
      [job("s", "sys", { kind: "scenery" }), job("a", "ann", { turn: 1, due: false })],
      "s",
    ],
    [
      "remembers the background after a quarter of an hour",
      [job("s", "sys", { kind: "scenery", asked: 901 }), job("a", "ann", { turn: 1 })],
      "s",
    ],
    ["is no job's of a kind that nobody knows any more", [job("a", "ann", { kind: "gone" })], undefined],
    ["is told apart by id at last", [job("b", "ann"), job("a", "ann")], "a"],
  ])("%s", (_, jobs, expected) => {
    expect(nextTurn(jobs, kinds, given)?.id).toBe(expected);
  });

  const someJob = fc.record({
    asker: fc.constantFrom("ann", "ben", "cai"),
    kind: fc.constantFrom("list", "errand", "scenery"),
    asked: fc.integer({ min: 1, max: 2_000 }),
    chunks: fc.integer({ min: 1, max: 5 }),
  });
  test("comes to everybody: of any jobs, however many, all are done, and no asker has two turns while another of the same kind waits for one", () => {
    fc.assert(
      fc.property(fc.array(someJob, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.boolean()), (wished, twists) => {
        const left = new Map(wished.map(({ chunks }, n) => [String(n), chunks]));
        let jobs = wished.map(({ asker, kind, asked }, n) => job(String(n), asker, { kind, asked }));
        const turns: { asker: string; waiting: Set<string> }[] = [];
        let at = now.getTime();
        while (jobs.length > 0) {
          at += 1_000;
          // The order in which the database gives them makes no difference.
          const given = { among: kinds.map(({ kind }) => kind), now: new Date(at) };
          const next = nextTurn(jobs, kinds, given);
          if (twists.next().value) expect(nextTurn([...jobs].reverse(), kinds, given)?.id).toBe(next?.id);
          if (!next) throw new Error("somebody waits for ever");
          turns.push({
            asker: next.asker,
            waiting: new Set(jobs.filter(({ kind }) => kind === "errand").map(({ asker }) => asker)),
          });
          const rest = (left.get(next.id) ?? 0) - 1;
          left.set(next.id, rest);
          const turnAt = new Date(at);
          jobs = jobs
            .filter((one) => one.id !== next.id || rest > 0)
            .map((one) => ({
              ...one,
              ...(one.id === next.id ? { begun: true, turnAt } : {}),
              ...(one.asker === next.asker ? { askerTurnAt: turnAt } : {}),
            }));
        }
        // Whoever has an errand waiting all the while has a turn between two of anybody else.
        for (const [n, { asker }] of turns.entries()) {
          const again = turns.findIndex((turn, m) => m > n && turn.asker === asker);
          if (again < 0) continue;
          const between = turns.slice(n + 1, again);
          const waited = [...(turns[n]?.waiting ?? [])].filter((one) =>
            [...between, turns[again]].every((turn) => turn?.waiting.has(one)),
          );
          for (const one of waited) expect([asker, ...between.map((turn) => turn.asker)]).toContain(one);
        }
      }),
    );
  });
});
