import { until } from "@shouwang/testkit";
import pg from "pg";
import { admin } from "./focus-household/focus.testing.ts";
import type { Office } from "./office.testing.ts";

/**
 * What a request answers that began before somebody else's change and waits for it: the change (one statement, past every protection) stands uncommitted
 * until a statement that starts like `waiting` waits for it, then it is committed. So two who act at once meet the same way each time.
 */
export async function meanwhile<T>(
  office: Office,
  change: { text: string; values: unknown[]; waiting: string },
  request: () => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: office.adminUrl });
  await client.connect();
  try {
    await client.query("begin");
    const [own] = (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows;
    await client.query(change.text, change.values);
    const answer = request();
    await until(
      async () =>
        // Asked beside the open transaction, which would see the same list of sessions each time.
        (
          await admin(office, "select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)) and query like $2 || '%'", [
            own?.pid,
            change.waiting,
          ])
        ).length > 0,
      { what: "the request to wait for the change" },
    );
    await client.query("commit");
    return await answer;
  } finally {
    await client.end();
  }
}
