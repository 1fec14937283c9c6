import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CHECKOUT } from "./checkout.ts";
import { readComposeFile } from "./compose-file.ts";
import { demoClockOffset } from "./demo-clock.ts";
import { createDepartmentDatabase } from "./department-database.ts";
import { startIssuer } from "./issuer.ts";
import type { Layout, Ports } from "./layout.ts";
import { stopLeftovers } from "./leftovers.ts";
import { localSecrets } from "./local-secrets.ts";
import { refuseTakenPort } from "./loopback.ts";
import { startNats } from "./nats.ts";
import { type RunningProcess, startNode } from "./node-process.ts";
import { startPostgres } from "./postgres.ts";
import { seedOnce } from "./seed.ts";
import { type LocalService, localServices } from "./service-environment.ts";
import { say, sayReady } from "./voice.ts";

/** What runs, in the order in which it was started; it is stopped the other way round. */
type Started = { name: string; stop(withinMs?: number): Promise<void>; kill(): Promise<void> };

/** The whole topology of docker-compose.yml as processes of this machine. */
export class LocalSystem {
  readonly #layout: Layout;
  readonly #ports: Ports;
  readonly #started: Started[] = [];
  readonly #ending = new AbortController();
  #starting: Promise<void> = Promise.resolve();

  constructor(layout: Layout, ports: Ports) {
    this.#layout = layout;
    this.#ports = ports;
  }

  /**
   * Starts everything, calls `doorsOpen` when people can come in, and then fills the demo's databases on the first run.
   * Says each component when it is ready.
   */
  start(households: number, doorsOpen: () => void): Promise<void> {
    const starting = this.#bringUp(households, doorsOpen);
    this.#starting = starting.catch(() => {});
    return starting;
  }

  async #bringUp(households: number, doorsOpen: () => void): Promise<void> {
    const [layout, ports, compose] = [this.#layout, this.#ports, readComposeFile()];
    await stopLeftovers(layout);
    const secrets = localSecrets(layout.secrets, compose);
    const services = localServices(compose, ports, secrets, demoClockOffset(layout.clock));
    for (const { name, port } of services) await refuseTakenPort(port, name);

    const since = performance.now();
    const postgres = await startPostgres({ dataDir: layout.postgres, port: ports.postgres });
    this.#note("PostgreSQL", postgres, since, `127.0.0.1:${ports.postgres}`);
    const configFile = join(CHECKOUT, "infra/nats/nats.conf");
    const nats = await startNats({ storeDir: layout.nats, port: ports.nats, configFile, variables: secrets.busKeys });
    this.#note("NATS", nats, since, nats.url);
    this.#ending.signal.throwIfAborted();
    const issuer = await startIssuer({ port: ports.issuer, dataDir: layout.issuer });
    this.#note("issuer", issuer, since, issuer.issuer);
    for (const service of services) await createDatabaseOf(service, postgres.url);

    const present = services.filter(({ name }) => isWritten(name));
    for (const { name } of services) if (!isWritten(name)) say(`- ${name}：尚未编写，跳过 / not written yet, skipped`);
    const departments = present.filter(({ name }) => name !== "gateway");
    await Promise.all(departments.map((service) => this.#startService(service)));
    for (const service of present.filter(({ name }) => name === "gateway")) await this.#startService(service);
    doorsOpen();
    // The demonstration's own village arrives within a second or two, the rest of the region behind it.
    for (const service of departments) {
      this.#ending.signal.throwIfAborted();
      const from = performance.now();
      if (await seedOnce(service, layout, households, this.#ending.signal))
        sayReady(`${service.name} 演示数据 / demo data`, from, `${households} households`);
    }
  }

  /** Gateway, services, then what they stand on: each lets its work end. All within ten seconds, whoever hangs. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#starting;
    const order = this.#started.toReversed();
    const isBase = ({ name }: Started) => ["PostgreSQL", "NATS", "issuer"].includes(name);
    for (const one of order.filter(({ name }) => name === "gateway")) await one.stop(2_500);
    await Promise.all(order.filter((one) => one.name !== "gateway" && !isBase(one)).map((one) => one.stop(6_000)));
    for (const one of order.filter(isBase)) await one.stop();
  }

  /** At once, for the second Ctrl-C. */
  async kill(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#started.map((one) => one.kill()));
  }

  #note(name: string, one: Omit<Started, "name">, since: number, where: string): void {
    this.#started.push({ ...one, name });
    sayReady(name, since, where);
  }

  async #startService(service: LocalService): Promise<void> {
    const since = performance.now();
    let running = await this.#run(service);
    const one: Started = { name: service.name, stop: (withinMs) => running.stop(withinMs), kill: () => running.kill() };
    this.#note(service.name, one, since, `http://127.0.0.1:${service.port}`);
    void this.#keepAlive(
      service,
      () => running,
      (again) => {
        running = again;
      },
    );
  }

  #run({ name, port, environment }: LocalService): Promise<RunningProcess> {
    return startNode({
      name,
      args: [join("services", name, "src/main.ts")],
      cwd: CHECKOUT,
      // Read at every start: the demonstration's clock may have been moved on since.
      env: { ...environment, CLOCK_OFFSET_MS: String(demoClockOffset(this.#layout.clock)) },
      port,
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
      logFile: this.#layout.log(name),
      pidFile: this.#layout.pid(name),
      giveUp: this.#ending.signal,
    });
  }

  /** A service that ends by itself is started again, as the compose file's restart policy does. */
  async #keepAlive(
    service: LocalService,
    current: () => RunningProcess,
    replace: (again: RunningProcess) => void,
  ): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await pause(1_000, undefined, { ref: false });
      if (this.#ending.signal.aborted || !current().hasEnded()) continue;
      say(`! ${service.name}：已意外停止，正在重启 / ended unexpectedly, starting again (${this.#layout.log(service.name)})`);
      await this.#run(service).then(replace, () => {});
    }
  }
}

const isWritten = (service: string): boolean => existsSync(join(CHECKOUT, "services", service, "src/main.ts"));

/** The database and the roles are those that the service's own two addresses name. */
async function createDatabaseOf({ environment }: LocalService, adminUrl: string): Promise<void> {
  const { DATABASE_URL: app, MIGRATION_DATABASE_URL: owner } = environment;
  if (!app || !owner) return;
  const [appUrl, ownerUrl] = [new URL(app), new URL(owner)];
  await createDepartmentDatabase(adminUrl, {
    department: appUrl.username.replace(/_app$/, ""),
    database: appUrl.pathname.slice(1),
    ownerPassword: ownerUrl.password,
    appPassword: appUrl.password,
  });
}
