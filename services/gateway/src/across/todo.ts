import { createRoute, z } from "@hono/zod-openapi";
import { type Principal, problemAnswers } from "@shouwang/service-kit";
import type { Asked } from "../ask.ts";

/** A department's own list. What else an item carries is passed on as it is. */
export const TodoReport = z.object({ asOf: z.string(), items: z.array(z.looseObject({ id: z.string(), dueAt: z.string() })) });
type TodoReport = z.infer<typeof TodoReport>;

/** How many items are wanted: 1 to 500, 100 when nothing is said. */
export const TodoQuery = z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) });

/** Everything that is due for the caller, whichever department it comes from. */
export const todoRoute = createRoute({
  method: "get",
  path: "/api/v1/todo",
  operationId: "read-todo",
  tags: ["across"],
  summary: "我的待办(全部部门)· What is due for me, in all departments",
  description: "合并各部门待办,按期限排序 · The departments' lists as one, by the moment things are due",
  security: [{ oidc: [] }],
  request: { query: TodoQuery },
  responses: {
    ...problemAnswers(["invalid-input", "not-signed-in", "dependency-unavailable"]),
    200: {
      description:
        "Items by the moment they are due. A department that is down shows what it said last (stale), or nothing (down)",
      content: {
        "application/json": {
          schema: z.object({
            asOf: z.string(),
            items: z.array(z.looseObject({ service: z.string(), id: z.string(), dueAt: z.string() })),
            parts: z.array(
              z.object({ service: z.string(), state: z.enum(["ok", "down", "stale"]), asOf: z.string().nullable() }),
            ),
          }),
        },
      },
    },
  },
});

const keptForMs = 900_000;
const mostKept = 1_000;

/** Remembers each caller's last list from each department for a quarter of an hour, to be shown while that department is down. */
export function lastLists(now: () => number) {
  const kept = new Map<string, { at: number; report: TodoReport }>();
  // Everything that decides what a department shows to somebody is in the key: nobody sees more through it than they were shown before.
  const keyOf = (caller: Principal, service: string, limit: number) => JSON.stringify([service, limit, caller]);
  return {
    keep(caller: Principal, service: string, limit: number, report: TodoReport): void {
      const key = keyOf(caller, service, limit);
      kept.delete(key);
      kept.set(key, { at: now(), report });
      const oldest = kept.keys().next().value;
      if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    },
    find(caller: Principal, service: string, limit: number): TodoReport | undefined {
      const found = kept.get(keyOf(caller, service, limit));
      return found && now() - found.at < keptForMs ? found.report : undefined;
    },
  };
}

/** One list of all departments' items, the earliest due first, and how each department answered. */
export function mergeTodo(
  reports: readonly { service: string; asked: Asked<TodoReport> }[],
  lists: ReturnType<typeof lastLists>,
  caller: Principal,
  limit: number,
) {
  const parts = reports.map(({ service, asked }) => {
    if (asked.state === "ok") {
      lists.keep(caller, service, limit, asked.body);
      return { service, state: "ok" as const, report: asked.body };
    }
    const before = asked.state === "down" ? lists.find(caller, service, limit) : undefined;
    return { service, state: before ? ("stale" as const) : ("down" as const), report: before };
  });
  const items = parts.flatMap(({ service, report }) => report?.items.map((item) => ({ ...item, service })) ?? []);
  return {
    items: items.sort((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt)).slice(0, limit),
    parts: parts.map(({ service, state, report }) => ({ service, state, asOf: report?.asOf ?? null })),
  };
}
