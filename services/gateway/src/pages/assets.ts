import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { nothingRuns, securityHeaders } from "../http.ts";
import { styles } from "./frame.ts";

const require = createRequire(import.meta.url);
const javascript = "text/javascript; charset=utf-8";
const css = "text/css; charset=utf-8";

const files = new Map<string, { mediaType: string; read(): Promise<string> }>([
  ["/assets/site.css", { mediaType: css, read: async () => styles }],
  ["/assets/icon.svg", { mediaType: "image/svg+xml", read: () => readFile(new URL("./icon.svg", import.meta.url), "utf8") }],
  ["/assets/docs.js", { mediaType: javascript, read: () => readFile(new URL("./docs.client.js", import.meta.url), "utf8") }],
  ["/assets/swagger-ui.css", { mediaType: css, read: () => readFile(require.resolve("swagger-ui-dist/swagger-ui.css"), "utf8") }],
  [
    "/assets/swagger-ui-bundle.js",
    { mediaType: javascript, read: () => readFile(require.resolve("swagger-ui-dist/swagger-ui-bundle.js"), "utf8") },
  ],
]);

/** A file the pages are made of; undefined for any other name. */
export async function assetResponse(path: string): Promise<Response | undefined> {
  const file = files.get(path);
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
