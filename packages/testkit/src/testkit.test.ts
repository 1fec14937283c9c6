import { createRemoteJWKSet, jwtVerify } from "jose";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { cloneDatabase, freshDatabase, freshNats, natsUrl, signToken, templateDatabase, testIssuer, until } from "./index.ts";

const open: pg.Client[] = [];
afterAll(() => Promise.all(open.map((client) => client.end())));

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {}); // dropping a database ends its connections
  await client.connect();
  open.push(client);
  return client;
}

describe("a fresh database", () => {
  it("gives the app a role that owns nothing and cannot bypass row-level security", async () => {
    const database = await freshDatabase("kit_roles");
    const app = await connected(database.url);
    const { rows } = await app.query(
      "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user",
    );
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false }]);
    await expect(app.query("create table public.mine (id int)")).rejects.toThrow(/permission denied/);
    await expect(app.query("create schema mine")).rejects.toThrow(/permission denied/);
    await expect(app.query("create temporary table mine (id int)")).rejects.toThrow(/permission denied/);
  });

  it("lets the owner migrate, and lets no other department in", async () => {
    const [one, other] = await Promise.all([freshDatabase("kit_one"), freshDatabase("kit_other")]);
    const owner = await connected(one.migrationUrl);
    await owner.query("create schema kit; create table kit.thing (id int)");
    const trespass = new URL(other.url);
    trespass.pathname = `/${one.database}`;
    await expect(connected(trespass.href)).rejects.toThrow(/permission denied for database/);
  });

  it("refuses a wrong password", async () => {
    const database = await freshDatabase("kit_password");
    const wrong = new URL(database.url);
    wrong.password = "wrong";
    await expect(connected(wrong.href)).rejects.toThrow(/password authentication failed/);
  });
});

describe("a template", () => {
  it("is migrated once however many ask, and each clone stands alone", async () => {
    let migrations = 0;
    const ask = () =>
      templateDatabase("kit_template", async ({ migrationUrl }) => {
        migrations += 1;
        const owner = new pg.Client({ connectionString: migrationUrl });
        await owner.connect();
        await owner.query(
          "create table public.thing (id int); grant usage on schema public to kit_template_app; grant select, insert on public.thing to kit_template_app",
        );
        await owner.end();
      });
    await Promise.all([ask(), ask(), ask()]);
    expect(migrations).toBe(1);
    const [first, second] = await Promise.all([cloneDatabase("kit_template"), cloneDatabase("kit_template")]);
    await (await connected(first.url)).query("insert into public.thing values (1)");
    expect((await (await connected(second.url)).query("select * from public.thing")).rowCount).toBe(0);
    expect((await (await connected(first.url)).query("select * from public.thing")).rowCount).toBe(1);
    await first.drop();
    await expect(connected(first.url)).rejects.toThrow(/does not exist/);
  });

  it("whose migration failed is made anew", async () => {
    await expect(templateDatabase("kit_broken", () => Promise.reject(new Error("half way")))).rejects.toThrow("half way");
    await templateDatabase("kit_broken", async () => {});
    await cloneDatabase("kit_broken");
  });
});

describe("a token", () => {
  const claims = { sub: "u-1", sw_roles: ["county-officer"], sw_region: "451228" };

  it("verifies against the keys served over HTTP", async () => {
    const { issuer, jwksUrl, audience } = testIssuer();
    const { payload } = await jwtVerify(await signToken(claims), createRemoteJWKSet(new URL(jwksUrl)), { issuer, audience });
    expect(payload).toMatchObject(claims);
  });

  it("can be made bad on purpose", async () => {
    const { issuer, jwksUrl } = testIssuer();
    const expired = await signToken({ ...claims, exp: 1 });
    await expect(jwtVerify(expired, createRemoteJWKSet(new URL(jwksUrl)), { issuer })).rejects.toThrow(/exp/);
  });
});

describe("a broker of one's own", () => {
  const greets = async (port: number) => {
    const { connect } = await import("node:net");
    return new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(socket.destroy() !== undefined)).once("error", () =>
        resolve(false),
      );
    });
  };

  it("comes back on the same port after a kill, and is apart from the shared one", async () => {
    const broker = await freshNats();
    expect(broker.url).not.toBe(natsUrl());
    const before = broker.pid();
    await broker.stop("SIGKILL");
    expect(await greets(broker.port)).toBe(false);
    await broker.start({ wipeStore: true });
    expect(broker.pid()).not.toBe(before);
    expect(await greets(broker.port)).toBe(true);
    await broker.remove();
    expect(await greets(broker.port)).toBe(false);
  });
});

describe("until", () => {
  it("answers the first fact that holds, through failures before it", async () => {
    let asked = 0;
    const fact = () => {
      asked += 1;
      if (asked === 1) throw new Error("not yet");
      return asked < 3 ? undefined : asked;
    };
    expect(await until(fact)).toBe(3);
  });

  it("names what was awaited and what was seen last", async () => {
    await expect(until(() => false, { what: "the event", timeoutMs: 20 })).rejects.toThrow(
      "Waited 20 ms in vain for: the event (it last answered false)",
    );
    await expect(until(() => Promise.reject(new Error("gone")), { what: "x", timeoutMs: 20 })).rejects.toThrow(
      "(it last failed with gone)",
    );
  });
});
