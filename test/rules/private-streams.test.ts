import { readFileSync } from "node:fs";
import { allPrivateEvents, Department } from "@shouwang/contract";
import { expect, test } from "vitest";

/** Which department may read whose private stream, as the bus's permissions say it. */
function granted(): string[] {
  const conf = readFileSync(new URL("../../infra/nats/nats.conf", import.meta.url), "utf8");
  const users = [...conf.matchAll(/nkey: \$NATS_KEY_(\w+)([\s\S]*?)subscribe:/g)];
  return users.flatMap(([, user, rights]) =>
    [...(rights ?? "").matchAll(/CONSUMER\.\*\.SW_PII_(\w+)\.>/g)]
      .filter(([, owner]) => owner !== user)
      .map(([, owner]) => `${user} reads ${owner}`.toLowerCase()),
  );
}

test("the bus opens a private stream to exactly those departments that the contract entitles", () => {
  const entitled = allPrivateEvents().flatMap(({ service, about }) =>
    about.entitled.map((reader) => `${reader} reads ${service}`),
  );
  expect(granted().sort()).toEqual([...new Set(entitled)].sort());
  expect(new Set(granted().flatMap((one) => one.split(" reads ")))).toEqual(
    new Set(Department.options.filter((department) => department !== "cooperation")),
  );
});
