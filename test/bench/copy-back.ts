import { asAdmin } from "@shouwang/local";

/** How many rows each table holds. */
export async function countRows(adminUrl: string, tables: readonly string[]): Promise<Map<string, number>> {
  const counted = new Map<string, number>();
  await asAdmin(adminUrl, async (admin) => {
    for (const table of tables) {
      const { rows } = await admin.query<{ n: number }>(`select count(*)::int as n from ${table}`);
      counted.set(table, rows[0]?.n ?? 0);
    }
  });
  return counted;
}

/** Empties tables and lets the server COPY the same rows back from its own files into the same tables with all of their indexes and checks. @returns milliseconds of the COPYs alone */
export async function copyBack(adminUrl: string, tables: readonly string[]): Promise<number> {
  let ms = 0;
  await asAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ folder: string }>("select current_setting('data_directory') as folder");
    const fileOf = (table: string) => admin.escapeLiteral(`${rows[0]?.folder}/${table}.copy`);
    for (const table of tables) await admin.query(`copy ${table} to ${fileOf(table)}`);
    await admin.query(`truncate ${tables.join(", ")} cascade`);
    await admin.query("checkpoint");
    for (const table of tables) {
      const from = performance.now();
      await admin.query(`copy ${table} from ${fileOf(table)}`);
      ms += performance.now() - from;
    }
  });
  return ms;
}
