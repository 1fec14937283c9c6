import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDepartmentDatabase, freePort, type PostgresHandle, startNats, startPostgres } from "@shouwang/local";
import { migrate } from "@shouwang/service-kit";
import type { Ground } from "./bench.ts";

/** A PostgreSQL as durable as in production and a nats-server, each started when it is first asked for; `remove` stops both and deletes what they held. */
export function ownGround(say: (step: string) => void): Ground & { remove(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "shouwang-bench-"));
  let postgres: Promise<PostgresHandle> | undefined;
  let databases = 0;
  let nats: ReturnType<typeof startNats> | undefined;
  return {
    folder,
    say,
    database: async (department, migrations) => {
      postgres ??= freePort().then((port) => startPostgres({ dataDir: join(folder, "postgres"), port }));
      const { url } = await postgres;
      databases += 1;
      const database = `${department}_${databases}`;
      const urls = await createDepartmentDatabase(url, { department, database, ownerPassword: "owner", appPassword: "app" });
      await migrate(urls.migrationUrl, `${department}_app`, migrations);
      const inside = new URL(url);
      inside.pathname = `/${database}`;
      return { ...urls, adminUrl: inside.href };
    },
    nats: async () => {
      nats ??= freePort().then((port) => startNats({ storeDir: join(folder, "nats"), port }));
      return await nats;
    },
    remove: async () => {
      await (await nats)?.kill();
      await (await postgres)?.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
