import { html } from "hono/html";
import { both, type Frame } from "./frame.ts";

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
