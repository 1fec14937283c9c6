import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { asAdmin, freePort, type PostgresHandle, startPostgres } from "./index.ts";
import { isAlive, startTimeOf } from "./process-identity.ts";

const running: PostgresHandle[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.kill()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function newFolder(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "shouwang-pg-"));
  spawnSync("chmod", [mode.toString(8), folder]);
  folders.push(folder);
  return folder;
}
async function start(dataDir: string, port?: number): Promise<PostgresHandle> {
  const server = await startPostgres({ dataDir, port: port ?? (await freePort()), durable: false });
  running.push(server);
  return server;
}
const rowsOf = (url: string, query: string) => asAdmin(url, async (client) => (await client.query(query)).rows);

describe("the local PostgreSQL", () => {
  it("speaks UTF-8 on the loopback address alone, with scram passwords for everybody", async () => {
    const server = await start(join(newFolder(0o755), "data"));
    const settings = await rowsOf(
      server.url,
      "select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'server_encoding', 'TimeZone')",
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      server_encoding: "UTF8",
      TimeZone: "UTC",
    });
    expect(await rowsOf(server.url, "select distinct auth_method from pg_hba_file_rules")).toEqual([
      { auth_method: "scram-sha-256" },
    ]);
    expect(await rowsOf(server.url, "select lower('ÄÖ') as folded")).toEqual([{ folded: "äö" }]);
  });

  it("keeps what was committed over a clean stop, a kill, and a killed run that left its server behind", async () => {
    const dataDir = join(newFolder(0o755), "data");
    let server = await start(dataDir);
    await asAdmin(server.url, (client) => client.query("create table kept (id int)"));
    for (const end of ["stop", "kill", "left running"] as const) {
      if (end !== "left running") await server[end]();
      const before = server.pid;
      server = await start(dataDir, server.port);
      expect(server.pid, end).not.toBe(before);
      expect(startTimeOf(before), end).toBeUndefined();
      expect(await rowsOf(server.url, "select * from kept"), end).toEqual([]);
    }
  });

  it("starts over a lock file whose number now belongs to somebody else's process, and leaves that process alone", async () => {
    const dataDir = join(newFolder(0o755), "data");
    const server = await start(dataDir);
    await server.kill();
    const other = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? "" };
    const lock = join(dataDir, "cluster/postmaster.pid");
    writeFileSync(lock, readFileSync(lock, "utf8").replace(/^\d+/, String(other.pid)));
    writeFileSync(join(dataDir, "server.json"), JSON.stringify({ pid: other.pid, startedAt: "1" }));
    await start(dataDir, server.port);
    expect(isAlive(other)).toBe(true);
  });

  it.runIf(process.getuid?.() === 0)(
    "runs as root below a folder that only root may enter, by keeping the data elsewhere",
    async () => {
      const dataDir = join(newFolder(0o700), "data");
      const server = await start(dataDir);
      expect(await rowsOf(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
      const elsewhere = (await rowsOf(server.url, "show data_directory"))[0].data_directory.replace(/\/cluster$/, "");
      expect(elsewhere.startsWith("/var/lib/shouwang/")).toBe(true);
      folders.push(elsewhere);
      await asAdmin(server.url, (client) => client.query("create table forgotten (id int)"));
      unlinkSync(dataDir);
      const anew = await start(dataDir, server.port);
      await expect(rowsOf(anew.url, "select * from forgotten"), "a deleted data folder does not come back").rejects.toThrow(
        /does not exist/,
      );
      await anew.remove();
      expect([existsSync(elsewhere), existsSync(dataDir)]).toEqual([false, false]);
    },
  );

  it("says in one sentence that a folder is half made, and begins again after a kill in the middle of making it", async () => {
    const damaged = join(newFolder(0o755), "data");
    mkdirSync(join(damaged, "cluster"), { recursive: true });
    writeFileSync(join(damaged, "cluster/PG_VERSION"), "18\n");
    await expect(start(damaged)).rejects.toThrow(/不完整.*npm run reset.* \/ .*is incomplete; run npm run reset/);
    const interrupted = join(newFolder(0o755), "data");
    mkdirSync(join(interrupted, "cluster.new"), { recursive: true });
    writeFileSync(join(interrupted, "cluster.new/PG_VERSION"), "18\n");
    expect(await rowsOf((await start(interrupted)).url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("says in one sentence that the port is in use", async () => {
    const first = await start(join(newFolder(0o755), "data"));
    await expect(start(join(newFolder(0o755), "data"), first.port)).rejects.toThrow(
      `Port ${first.port} (PostgreSQL) is in use by another program`,
    );
  });
});
