import { type Bilingual, type ProblemCode, type ProblemDefinition, problems } from "@shouwang/contract";
import { findClause } from "@shouwang/plan";
import { html } from "hono/html";
import { both, type Frame } from "./frame.ts";

/** What whoever meets a problem can do, by its status. */
const advice: Record<ProblemDefinition["status"], Bilingual> = {
  400: { zh: "请按所列字段更正后重新提交。", en: "Correct the fields that are named and send it again." },
  401: { zh: "请重新登录后再试。", en: "Sign in again." },
  403: { zh: "请由有权限的岗位办理。", en: "Ask somebody whose role may do this." },
  404: {
    zh: "请核对地址或编号；不在管辖范围内的对象同样显示为未找到。",
    en: "Check the address or the id; what lies outside your area looks the same as what is not there.",
  },
  405: { zh: "请查阅接口文档中该地址支持的方法。", en: "See in the API document which methods this address takes." },
  409: { zh: "请刷新后查看当前状态，再决定下一步。", en: "Read it again and look at its present state." },
  412: { zh: "请重新读取，在新版本上修改。", en: "Read it again and make the change on the new version." },
  413: { zh: "请减小提交内容后再试。", en: "Send less at once." },
  415: { zh: "请使用接口文档所列的内容类型。", en: "Use a content type the API document lists." },
  422: {
    zh: "按规定不能办理；答复中的依据写明了条款与事实。",
    en: "The rules do not allow it; the answer's reasons name clause and facts.",
  },
  428: { zh: "请在请求头中带上所见版本。", en: "Say in a header which version you have seen." },
  429: { zh: "请按 Retry-After 所示稍后再试。", en: "Wait as long as Retry-After says." },
  500: { zh: "问题已记录；报告时请附上 traceId。", en: "It has been recorded; give the traceId when you report it." },
  503: {
    zh: "请按 Retry-After 所示稍后再试；带 Idempotency-Key 的请求可以放心重发。",
    en: "Wait as long as Retry-After says; a request with an Idempotency-Key may safely be sent again.",
  },
};

const isCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);

/** A problem as data: what `/problems/<code>` answers to programs; undefined for a code that does not exist. */
export function problemEntry(code: string) {
  if (!isCode(code)) return undefined;
  const { status, zh, en, clause }: ProblemDefinition = problems[code];
  return { type: `/problems/${code}`, code, status, title: { zh, en }, advice: advice[status], ...(clause ? { clause } : {}) };
}

/** The page of one problem code. */
export async function problemPage(frame: Frame, entry: NonNullable<ReturnType<typeof problemEntry>>): Promise<Response> {
  const clause = entry.clause === undefined ? undefined : findClause(entry.clause);
  return await frame({
    title: entry.title,
    content: html`
<p class="trail"><a href="/problems">${both({ zh: "问题代码", en: "Problems" })}</a></p>
<h1>${both(entry.title)}</h1>
<p><span class="chip">HTTP ${entry.status}</span> <code>${entry.code}</code></p>
<p>${both(entry.advice)}</p>
${clause ? html`<p>依据条款 <span class="en" lang="en">Clause</span>: <a href="/#${clause.id}">${clause.id}</a> ${both(clause.title)}</p>` : ""}`,
  });
}

/** All problem codes, by status. */
export async function problemsPage(frame: Frame): Promise<Response> {
  const codes = Object.keys(problems).flatMap((code) => problemEntry(code) ?? []);
  return await frame({
    title: { zh: "问题代码", en: "Problems" },
    content: html`
<h1>${both({ zh: "问题代码", en: "Problems" })}</h1>
<p>所有错误均为 RFC 9457 问题文档，<code>type</code> 指向这里的一页。
<span class="en" lang="en">Every error is an RFC 9457 problem document whose <code>type</code> leads to one of these pages.</span></p>
<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">HTTP</th><th scope="col">代码 <span lang="en">code</span></th><th scope="col">含义 <span lang="en">meaning</span></th></tr></thead>
<tbody>${codes
      .sort((a, b) => a.status - b.status)
      .map(
        ({ status, code, title }) =>
          html`<tr><td>${status}</td><th scope="row"><a href="/problems/${code}"><code>${code}</code></a></th><td>${both(title)}</td></tr>`,
      )}</tbody></table></div>`,
  });
}

/** What a browser gets for an address that does not exist. */
export async function notFoundPage(frame: Frame): Promise<Response> {
  return await frame({
    title: problems["route-not-found"],
    status: 404,
    content: html`<h1>${both(problems["route-not-found"])}</h1><p><a href="/">${both({ zh: "回到首页", en: "Back to the start" })}</a></p>`,
  });
}
