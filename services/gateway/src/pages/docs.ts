import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { html } from "hono/html";
import { nothingRuns, securityHeaders } from "../http.ts";
import { both, type Frame, styles } from "./frame.ts";

const { resolve } = createRequire(import.meta.url);
const swaggerUi = (name: string) => resolve(`swagger-ui-dist/${name}`);

const javascript = "text/javascript; charset=utf-8";
const css = "text/css; charset=utf-8";
const files: Record<string, { mediaType: string; read(): Promise<string> }> = {
  "/assets/site.css": { mediaType: css, read: async () => styles },
  "/assets/icon.svg": { mediaType: "image/svg+xml", read: () => ownFile("icon.svg") },
  "/assets/docs.js": { mediaType: javascript, read: () => ownFile("docs.client.js") },
  "/assets/swagger-ui.css": { mediaType: css, read: () => readFile(swaggerUi("swagger-ui.css"), "utf8") },
  "/assets/swagger-ui-bundle.js": { mediaType: javascript, read: () => readFile(swaggerUi("swagger-ui-bundle.js"), "utf8") },
};

const ownFile = (name: string) => readFile(new URL(`./${name}`, import.meta.url), "utf8");

/** A file the pages are made of; undefined for any other name. */
export async function assetResponse(path: string): Promise<Response | undefined> {
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  if (!file) return undefined;
  return new Response(await file.read(), {
    headers: {
      ...securityHeaders,
      "content-security-policy": nothingRuns,
      "content-type": file.mediaType,
      "cache-control": "public, max-age=3600",
    },
  });
}

/** The API as a page to browse and try, everything from this server. */
export async function docsPage(frame: Frame): Promise<Response> {
  return await frame({
    title: { zh: "接口", en: "API" },
    styles: ["/assets/swagger-ui.css"],
    scripts: ["/assets/swagger-ui-bundle.js", "/assets/docs.js"],
    // Swagger UI sets inline styles on its elements.
    policy: " 'unsafe-inline'",
    content: html`<h1>${both({ zh: "接口", en: "API" })}</h1><div id="swagger-ui"></div>`,
  });
}

/** The contract's AsyncAPI document as text; undefined while the contract has none. */
export async function asyncApiDocument(): Promise<string | undefined> {
  const entry = createRequire(import.meta.url).resolve("@shouwang/contract");
  return await readFile(new URL("../asyncapi.json", `file://${entry}`), "utf8").catch(() => undefined);
}
