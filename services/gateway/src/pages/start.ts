import { readFileSync } from "node:fs";
import type { Bilingual } from "@shouwang/contract";
import { type Clause, type ClauseKind, clauses, type Target } from "@shouwang/plan";
import { html } from "hono/html";
import { z } from "zod";
import { ask } from "../ask.ts";
import { type Departments, notYetBuilt, type Office } from "../departments.ts";
import { both, type Frame, type Html } from "./frame.ts";

/** Parts of the plan by the letter their clauses begin with. */
const parts: readonly { letter: string; title: Bilingual }[] = [
  { letter: "G", title: { zh: "总则", en: "Overall" } },
  { letter: "M", title: { zh: "一、防返贫监测", en: "Monitoring" } },
  { letter: "E", title: { zh: "二、稳岗就业", en: "Employment" } },
  { letter: "I", title: { zh: "三、产业帮扶", en: "Industry" } },
  { letter: "F", title: { zh: "四、项目与资金", en: "Funds and projects" } },
  { letter: "C", title: { zh: "五（上）、粤桂协作", en: "Guangdong–Guangxi cooperation" } },
  { letter: "S", title: { zh: "五（下）、社会帮扶与驻村", en: "Social help and resident cadres" } },
];
const kinds: Record<ClauseKind, Bilingual> = {
  hard: { zh: "硬性", en: "hard rule" },
  soft: { zh: "柔性", en: "soft rule" },
  target: { zh: "指标", en: "target" },
  qualitative: { zh: "登记", en: "register" },
};
const units: Record<Target["unit"], Bilingual> = {
  persons: { zh: "人", en: "persons" },
  posts: { zh: "个岗位", en: "posts" },
  workshops: { zh: "个车间", en: "workshops" },
  parks: { zh: "个园区", en: "parks" },
  certificates: { zh: "个认证", en: "certificates" },
  bases: { zh: "个基地", en: "bases" },
  secretaries: { zh: "名书记", en: "secretaries" },
  members: { zh: "名队员", en: "members" },
  enterprises: { zh: "家企业", en: "enterprises" },
  fen: { zh: "元", en: "yuan" },
  ratio: { zh: "", en: "" },
};
type Standing = "up" | "down" | "not-built";
const standings: Record<Standing, Bilingual> = {
  up: { zh: "运行中", en: "up" },
  down: { zh: "无法连接", en: "down" },
  "not-built": notYetBuilt,
};

const script = readFileSync(new URL("./start.client.js", import.meta.url), "utf8");

/** How every department stands at this moment, by its own word on `/health/ready`; asked at most every two seconds. */
export function standingsOf(departments: Departments, now: () => number): () => Promise<ReadonlyMap<string, Standing>> {
  let last: { at: number; standings: Promise<ReadonlyMap<string, Standing>> } | undefined;
  const look = async ({ service, upstream }: Office): Promise<[string, Standing]> => {
    if (!upstream) return [service, "not-built"];
    const { state } = await ask(upstream, "/health/ready", z.unknown(), {}, 1_000);
    return [service, state === "ok" ? "up" : "down"];
  };
  return async () => {
    if (!last || now() - last.at >= 2_000)
      last = { at: now(), standings: Promise.all(departments.all.map(look)).then((found) => new Map(found)) };
    return await last.standings;
  };
}

/** The start page: what this is, what runs, and the plan clause by clause; figures are filled in for a visitor who has signed in. */
export async function startPage(
  frame: Frame,
  departments: Departments,
  standing: ReadonlyMap<string, Standing>,
  development: boolean,
): Promise<Response> {
  return await frame({
    title: { zh: "首页", en: "Start" },
    script,
    content: html`
<section class="hero">
<h1>守望 <span class="en" lang="en">Shouwang</span></h1>
<p class="lead">一份方案，六个部门，一条事件总线：让每一条返贫线索有人看见、有人负责、按时办结。</p>
<p class="en" lang="en">One plan, six departments, one event bus: every sign that a family may fall back into poverty is seen, answered for and dealt with in time.</p>
</section>
<section aria-labelledby="departments">
<h2 id="departments">${both({ zh: "部门", en: "Departments" })}</h2>
<ul class="offices">${departments.all.map((office) => officeCard(office, standing.get(office.service) ?? "down"))}</ul>
</section>
${signIn(development)}
<section aria-labelledby="plan">
<h2 id="plan">${both({ zh: `方案条款 ${clauses.length} 条`, en: `The plan, ${clauses.length} clauses` })}</h2>
<nav class="parts" aria-label="方案各部分 Parts of the plan">
${parts.map(({ letter, title }) => html`<a href="#part-${letter}"><b>${letter}</b> ${title.zh}</a>`)}
</nav>
${parts.map((part) => planPart(part, departments, standing))}
</section>
<dialog id="list" class="list" aria-labelledby="list-title">
<form method="dialog"><h2 id="list-title">名单 <span class="en" lang="en">The list behind the figure</span></h2><button>关闭 <span lang="en">Close</span></button></form>
<div class="scroll" id="list-rows" tabindex="0"></div>
</dialog>`,
  });
}

function officeCard({ service, title }: Office, standing: Standing): Html {
  const owned = clauses.filter(({ owner }) => owner === service).length;
  return html`<li class="office" data-standing="${standing}">
<div><h3>${title.zh}</h3><span class="chip" data-chip="${standing}">${both(standings[standing])}</span></div>
<p><span class="en" lang="en">${title.en}</span></p>
<p><code>${service}</code> · ${owned} 条 <span class="en" lang="en">clauses</span></p>
</li>`;
}

function signIn(development: boolean): Html {
  return html`<section class="sign-in" aria-labelledby="sign-in">
<h2 id="sign-in">${both({ zh: "查看实时数据", en: "See live figures" })}</h2>
<form id="token-form" autocomplete="off">
<label for="token">访问令牌 <span class="en" lang="en">Access token</span></label>
<div class="row">
<input id="token" type="password" autocomplete="off" spellcheck="false" required>
<button type="submit">登录 <span lang="en">Sign in</span></button>
<button type="button" id="sign-out" class="quiet" hidden>退出 <span lang="en">Sign out</span></button>
</div>
</form>
<p id="said" role="status" aria-live="polite">令牌只留在本标签页。 <span class="en" lang="en">The token stays in this tab only.</span></p>
${development ? html`<p class="hint">开发环境取令牌 <span class="en" lang="en">In development, get a token with</span> <code>npm run token -- county-451228</code></p>` : ""}
</section>`;
}

function planPart(
  { letter, title }: (typeof parts)[number],
  departments: Departments,
  standing: ReadonlyMap<string, Standing>,
): Html {
  const own = clauses.filter(({ id }) => id.startsWith(letter));
  return html`<section class="part" aria-labelledby="part-${letter}">
<h3 id="part-${letter}">${both(title)} <span class="count">${own.length}</span></h3>
<ul class="clauses">${own.map((clause) => clauseRow(clause, departments, standing))}</ul>
</section>`;
}

/** Which clauses a department carries out already is its own answer, given to those who sign in; before that only what is plain to all. */
function clauseRow(clause: Clause, departments: Departments, standing: ReadonlyMap<string, Standing>): Html {
  const office = departments.all.find(({ service }) => service === clause.owner);
  const state = office ? (standing.get(office.service) ?? "down") : "up";
  const chip = state === "up" ? { zh: "登录后可见", en: "sign in to see" } : standings[state];
  return html`<li class="clause" id="${clause.id}" data-clause="${clause.id}">
<a class="id" href="#${clause.id}">${clause.id}</a>
<div class="said">
<h4>${clause.title.zh} <span class="en" lang="en">${clause.title.en}</span></h4>
<p class="about"><span>${both(office?.title ?? { zh: "全部部门", en: "All departments" })}</span>
${clause.kind.map((kind) => html`<span class="kind" data-kind="${kind}">${both(kinds[kind])}</span>`)}
${clause.targets.map((target) => html`<span class="target">${targetText(target)}</span>`)}</p>
<ul class="figures" data-figures></ul>
<details><summary>说明 <span class="en" lang="en">About</span></summary><p>${clause.summary.zh}</p><p class="en" lang="en">${clause.summary.en}</p></details>
</div>
<span class="chip" data-chip="${state === "up" ? "waiting" : state}">${both(chip)}</span>
</li>`;
}

/** A target for people: `目标 ≥ 2,682,100 人`; money in 100 million yuan, shares in per cent. */
function targetText({ target, unit, direction, due }: Target): string {
  const sign = { ">=": "≥", ">": ">", "=": "=" }[direction];
  const until = due === undefined ? "" : `，至 ${due}`;
  if (typeof target !== "number" && "baseline" in target)
    return `目标 ${sign} ${target.baseline === "last-year" ? "上年" : target.baseline} 水平${until}`;
  if (typeof target !== "number") return `目标 ${sign} ${(target.numerator / target.denominator) * 100}%${until}`;
  if (unit === "fen") return `目标 ${sign} ${target / 10_000_000_000} 亿元${until}`;
  return `目标 ${sign} ${target.toLocaleString("en-US")} ${units[unit].zh}${until}`;
}
