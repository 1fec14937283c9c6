import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import type Provider from "oidc-provider";
import type { DemoUser } from "./demo-users.ts";
import { createProvider, type IssuerSettings } from "./issuer-provider.ts";
import { LOOPBACK } from "./loopback.ts";

/** Who are you today? One button per demo user; the choice is the whole sign-in. */
async function interact(
  provider: Provider,
  users: readonly DemoUser[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionDetails(request, response);
  if (request.method === "POST") {
    const chosen = new URLSearchParams(await text(request)).get("user");
    const user = users.find(({ id }) => id === chosen);
    if (user) return provider.interactionFinished(request, response, { login: { accountId: user.sub } });
  }
  const buttons = users.map(
    ({ id, label }) =>
      `<li><button name="user" value="${id}">${label.zh}<small lang="en">${escapeHtml(label.en)}</small></button></li>`,
  );
  response
    .writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
    .end(page(buttons.join("")));
}

const escapeHtml = (words: string) => words.replaceAll("&", "&amp;").replaceAll("'", "&#39;").replaceAll("<", "&lt;");

const page = (
  buttons: string,
) => `<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>守望 · 演示登录</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}ul{list-style:none;padding:0}
button{display:block;width:100%;margin:.3rem 0;padding:.6rem .8rem;font:inherit;text-align:left}small{display:block;color:#555}</style>
<h1>演示登录 <small lang="en">Demo sign-in</small></h1>
<p>选择一个演示身份。<small lang="en">Choose whom to be.</small></p><form method="post"><ul>${buttons}</ul></form></html>`;

const [settingsFile = ""] = process.argv.slice(2);
// Safe: the runner that starts this process wrote the file from a value of this type.
const settings = JSON.parse(readFileSync(settingsFile, "utf8")) as IssuerSettings;
if (process.env["NODE_ENV"] === "production") throw new Error("The development issuer does not run in production.");
const provider = await createProvider(settings);
const answer = provider.callback();
const server = createServer((request, response) => {
  if (!request.url?.startsWith("/interaction/")) return void answer(request, response);
  interact(provider, settings.users, request, response).catch(() => {
    response
      .writeHead(400, { "content-type": "text/plain; charset=utf-8" })
      .end("登录已过期，请重新开始。 / The sign-in has expired; begin again.");
  });
});
server.listen(Number(new URL(settings.issuer).port), LOOPBACK);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => server.close(() => process.exit(0)).closeAllConnections());
}
