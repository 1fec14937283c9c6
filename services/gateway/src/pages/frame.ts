import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Bilingual } from "@shouwang/contract";
import { businessDate } from "@shouwang/service-kit";
import { html, raw } from "hono/html";
import type { DemoClock } from "../demo-clock.ts";
import { securityHeaders } from "../http.ts";

export type Html = ReturnType<typeof html>;

type Page = {
  title: Bilingual;
  content: Html | Html[];
  status?: number;
  /** Its own inline script, let through by its hash. */
  script?: string;
  /** Further styles and scripts from this server. */
  styles?: readonly string[];
  scripts?: readonly string[];
  /** What else the page's content policy lets through. */
  policy?: string;
};

/** Renders a page of this gateway into its frame: head, navigation, the demo's date, and a content policy that lets nothing else run. */
export type Frame = (page: Page) => Promise<Response>;

const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64");

/** Our style sheet, under an address that changes with its content. */
export const styles = readFileSync(new URL("./site.css", import.meta.url), "utf8");
const stylesAddress = `/assets/site.css?v=${createHash("sha256").update(styles).digest("hex").slice(0, 12)}`;

/** A text in both languages: Chinese, and the English beside it in a smaller voice. */
export const both = ({ zh, en }: Bilingual): Html => html`${zh} <span class="en" lang="en">${en}</span>`;

const destinations: readonly { href: string; title: Bilingual }[] = [
  { href: "/#plan", title: { zh: "方案", en: "Plan" } },
  { href: "/docs", title: { zh: "接口", en: "API" } },
  { href: "/events", title: { zh: "事件", en: "Events" } },
  { href: "/problems", title: { zh: "问题", en: "Problems" } },
];

/**
 * @param clock the demo's offset of business time; its date then stands on every page
 * @param now real time in milliseconds
 */
export function frameWith(clock: DemoClock, now: () => number): Frame {
  return async (page) => {
    const offsetMs = await clock();
    const date = businessDate(new Date(now() + offsetMs));
    const sources = ["'self'", ...(page.script ? [`'sha256-${hashOf(page.script)}'`] : [])].join(" ");
    const policy = [
      `default-src 'none'; script-src ${sources}; style-src 'self'${page.policy ?? ""}; img-src 'self' data:; connect-src 'self'`,
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ].join("; ");
    const document = await html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title.zh} ${page.title.en} · 守望 Shouwang</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${stylesAddress}">
${(page.styles ?? []).map((href) => html`<link rel="stylesheet" href="${href}">`)}
</head>
<body>
<a class="skip" href="#content">跳到正文 <span lang="en">Skip to content</span></a>
${offsetMs === 0 ? "" : html`<p class="clock" role="note">演示时钟 <span lang="en">demo clock</span>: <time datetime="${date}">${date}</time></p>`}
<header class="top">
<a class="brand" href="/"><span class="seal" aria-hidden="true">守望</span><span>守望 <span class="en" lang="en">Shouwang</span></span></a>
<nav aria-label="主导航 Main">
${destinations.map(({ href, title }) => html`<a href="${href}">${both(title)}</a>`)}
</nav>
</header>
<main id="content" tabindex="-1">
${page.content}
</main>
<footer>
<p>守望：防止返贫的部门协作平台 <span class="en" lang="en">Shouwang: departments keeping watch together, so that no household falls back into poverty</span></p>
<p><a href="/openapi.json">OpenAPI</a> · <a href="/asyncapi.json">AsyncAPI</a> · <a href="/health/ready">health</a></p>
</footer>
${(page.scripts ?? []).map((src) => html`<script src="${src}"></script>`)}
${page.script ? html`<script>${raw(page.script)}</script>` : ""}
</body>
</html>`;
    return new Response(String(document), {
      status: page.status ?? 200,
      headers: {
        ...securityHeaders,
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": policy,
      },
    });
  };
}
