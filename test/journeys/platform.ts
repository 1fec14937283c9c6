import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { requestToken } from "@shouwang/local";
import { connect, type NatsConnection, nkeyAuthenticator } from "nats";

export type Answer = { status: number; json: Record<string, unknown>; bytes: Buffer };
export type Event = {
  position: number;
  type: string;
  subject: string;
  sequence: string;
  region: string;
  data: Record<string, unknown>;
};

const checkout = new URL("../../", import.meta.url).pathname;

/** The running platform as the people of a journey meet it: through the gateway, with the tokens of demo users, and its events as an integrator. */
export class Platform {
  readonly port: number;
  readonly data: string;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(port: number, data: string) {
    this.port = port;
    this.data = data;
  }

  /** Calls the gateway as a demo user. */
  async call(user: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const token = this.#tokens.get(user) ?? requestToken(`http://127.0.0.1:${this.port + 1}`, user);
    this.#tokens.set(user, token);
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token}`,
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
        ...(json ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return { status: response.status, json: isJson ? Object(JSON.parse(bytes.toString("utf8"))) : {}, bytes };
  }

  get = (user: string, path: string) => this.call(user, "GET", path);
  post = (user: string, path: string, body: unknown) => this.call(user, "POST", path, body);

  /** A call that must go through; throws with the problem document otherwise. */
  async must(user: string, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.call(user, method, path, body);
    if (answer.status >= 300)
      throw new Error(`${user} ${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  /** Asks again until the fact holds. */
  async until<T>(what: string, ask: () => Promise<T | undefined>, withinMs = 120_000): Promise<T> {
    const giveUp = Date.now() + withinMs;
    for (;;) {
      const fact = await ask();
      if (fact !== undefined) return fact;
      if (Date.now() > giveUp) throw new Error(`not within ${withinMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Where a department's own service keeps its tables, with the right to them that the service has. */
  databaseOf(department: string): string {
    const password = readFileSync(join(this.data, `secrets/${department}-app-password`), "utf8").trim();
    return `postgres://${department}_app:${password}@127.0.0.1:${this.port + 3}/${department}`;
  }

  /** Lets business days pass, as the operator of a demonstration does. */
  async advance(days: number): Promise<void> {
    // Never in a way that holds up this process: it would not hear that idle connections are closed meanwhile, and send its next request into one.
    await promisify(execFile)(process.execPath, ["infra/local/start.mjs", "advance", String(days)], {
      cwd: checkout,
      env: { ...process.env, SHOUWANG_PORT: String(this.port), SHOUWANG_DATA: this.data },
    });
  }

  async #asIntegrator<T>(use: (connection: NatsConnection) => Promise<T>): Promise<T> {
    const seed = new TextEncoder().encode(readFileSync(join(this.data, "secrets/integrator-demo.nkey"), "utf8").trim());
    const connection = await connect({
      servers: `nats://127.0.0.1:${this.port + 2}`,
      authenticator: nkeyAuthenticator(seed),
      inboxPrefix: "_INBOX_INTEGRATOR_DEMO",
    });
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  }

  /** The last position of monitoring's stream. */
  lastPosition = () =>
    this.#asIntegrator(async (connection) => {
      const manager = await jetstreamManager(connection, { checkAPI: false });
      return (await manager.streams.info("SW_EVT_MONITORING")).state.last_seq;
    });

  /** Events of monitoring after a position, read from NATS with the integrator's own credentials until `enough` says so. */
  events = (after: number, enough: (events: readonly Event[]) => boolean): Promise<Event[]> =>
    this.#asIntegrator(async (connection) => {
      const events: Event[] = [];
      const start = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 };
      const consumer = await jetstream(connection).consumers.get("SW_EVT_MONITORING", start);
      const messages = await consumer.consume({ max_messages: 500, idle_heartbeat: 1_000 });
      const timer = setTimeout(() => void messages.close(), 60_000);
      for await (const message of messages) {
        events.push({ position: message.seq, ...message.json<Omit<Event, "position">>() });
        if (enough(events)) break;
      }
      clearTimeout(timer);
      await messages.close();
      return events;
    });
}
