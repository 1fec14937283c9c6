import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** In a process of its own, since what is loaded first decides. */
const program = `
  import { createServer } from "node:http";
  import { getRequestListener } from "@hono/node-server";
  // Puts the library's lighter Response in place, as another server would, before the door is loaded.
  getRequestListener(() => new Response());
  await import("./forward.ts");
  const { RESPONSE_ALREADY_SENT } = await import("@hono/node-server/utils/response");
  const answer = getRequestListener((_, { outgoing }) => {
    outgoing.writeHead(200).end("once");
    return RESPONSE_ALREADY_SENT;
  });
  const server = createServer((incoming, outgoing) => answer(incoming, outgoing).catch(({ code }) => console.log(code)));
  server.listen(0, "127.0.0.1", async () => {
    console.log(await (await fetch("http://127.0.0.1:" + server.address().port)).text());
    server.close();
  });
`;

test("an answer that was passed on is not sent again, also when another server of this process was there first", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  expect(stdout, stderr).toBe("once\n");
});
