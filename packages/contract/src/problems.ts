import type { Reason } from "./decision.ts";
import { claimProblems } from "./problems-claim.ts";
import { employmentProblems } from "./problems-employment.ts";
import { monitoringProblems } from "./problems-monitoring.ts";
import { officeProblems } from "./problems-office.ts";
import { registryProblems } from "./problems-registry.ts";

export type ProblemDefinition = {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 503;
  zh: string;
  en: string;
  clause?: string;
};

/** Problems any route can answer. A problem's `type` is `/problems/<code>`. */
const commonProblems = {
  "malformed-request": { status: 400, zh: "请求格式有误", en: "The request is malformed" },
  "invalid-input": { status: 400, zh: "填报内容有误", en: "Some fields are wrong" },
  "list-unreadable": { status: 422, zh: "无法读取该文件", en: "The file could not be read" },
  "list-columns-missing": { status: 422, zh: "文件缺少必需的列", en: "The file lacks required columns" },
  "idempotency-key-required": { status: 400, zh: "缺少 Idempotency-Key 请求头", en: "The Idempotency-Key header is required" },
  "not-signed-in": { status: 401, zh: "未登录或登录已失效", en: "Not signed in, or the token is no longer good" },
  "role-not-allowed": { status: 403, zh: "您的岗位不能办理此事项", en: "Your role may not do this" },
  "route-not-found": { status: 404, zh: "没有这个地址", en: "There is no such address" },
  "not-found": { status: 404, zh: "未找到,或不在您的管辖范围内", en: "Not found, or outside your area" },
  "method-not-allowed": { status: 405, zh: "此地址不支持该方法", en: "This address does not take that method" },
  "state-conflict": { status: 409, zh: "当前状态不能办理此事项", en: "The present state does not allow this" },
  "request-in-progress": { status: 409, zh: "相同请求正在处理", en: "The same request is being processed" },
  "already-exists": { status: 409, zh: "已存在", en: "It exists already" },
  "version-mismatch": {
    status: 412,
    zh: "数据已被他人修改,请刷新后再提交",
    en: "Somebody changed it in the meantime; read it again",
  },
  "version-required": { status: 428, zh: "缺少 If-Match 请求头", en: "The If-Match header is required" },
  "body-too-large": { status: 413, zh: "提交内容过大", en: "The body is too large" },
  "unsupported-media-type": { status: 415, zh: "不支持的内容类型", en: "That content type is not taken here" },
  "idempotency-key-reused": {
    status: 422,
    zh: "同一 Idempotency-Key 用于不同的内容",
    en: "The Idempotency-Key was used with another body",
  },
  "unknown-division": { status: 422, zh: "没有这个行政区划代码", en: "There is no such division" },
  "outside-area": { status: 422, zh: "该区划不在您的管辖范围内", en: "That division is outside your area" },
  "same-person-twice": {
    status: 422,
    zh: "同一人不能连续办理两个审批环节",
    en: "The same person may not take two steps of one review",
  },
  "purpose-required": { status: 422, zh: "查看个人信息须说明用途", en: "State the purpose of revealing personal data" },
  "form-not-found": { status: 404, zh: "未找到该表,或不在您的管辖范围内", en: "No such form in your area" },
  "form-paper-gone": { status: 404, zh: "打印件已过保留期,请重新打印", en: "The paper is no longer kept; print it again" },
  "form-unreadable": {
    status: 422,
    zh: "未能从扫描件识别本平台表格的二维码",
    en: "No form's QR could be read from the scan",
  },
  "form-ambiguous": {
    status: 422,
    zh: "扫描件中有多份不同的表,请逐份上传",
    en: "The scan shows several forms; send them one by one",
  },
  "form-of-other-household": { status: 422, zh: "该表属于另一户", en: "The form is another household's" },
  "form-outdated": { status: 409, zh: "该表内容已过时", en: "The form no longer says what the registry says" },
  "form-used": { status: 409, zh: "该表已签字归档", en: "The form was filed before" },
  "rate-limited": { status: 429, zh: "请求过于频繁", en: "Too many requests" },
  "internal-error": { status: 500, zh: "系统出错,已记录", en: "Something went wrong; it has been recorded" },
  "dependency-unavailable": {
    status: 503,
    zh: "服务暂时不可用,请稍后再试",
    en: "A part of the platform is not available; try again shortly",
  },
  "storage-full": {
    status: 503,
    zh: "存储空间不足,未保存任何内容,请稍后再试",
    en: "The disk is full; nothing was saved, try again later",
  },
} as const satisfies Record<string, ProblemDefinition>;

/** Every problem code of the platform: its status and its fixed titles. A page for each is served at `/problems/<code>`. */
export const problems = {
  ...commonProblems,
  ...monitoringProblems,
  ...registryProblems,
  ...officeProblems,
  ...claimProblems,
  ...employmentProblems,
} as const satisfies Record<string, ProblemDefinition>;
export type ProblemCode = keyof typeof problems;

/** One field that is wrong: a JSON pointer into the body (or `query/<name>`, `header/<name>`), the rule it broke, said in both languages. */
export type FieldError = { pointer: string; rule: string; zh: string; en: string; clause?: string };

/** An expected "no": a value a handler returns. It rolls the command back and becomes a problem document. */
export class Refusal<C extends ProblemCode = ProblemCode> {
  readonly code: C;
  readonly detail: { zh: string; en: string } | undefined;
  readonly errors: readonly FieldError[];
  readonly reasons: readonly Reason[];
  /** When to try again, in seconds, where that is known. */
  readonly retryAfterS: number | undefined;
  constructor(code: C, more: RefusalDetail = {}) {
    this.code = code;
    this.detail = more.detail;
    this.errors = more.errors ?? [];
    this.reasons = more.reasons ?? [];
    this.retryAfterS = more.retryAfterS;
  }
}

export type RefusalDetail = {
  detail?: { zh: string; en: string };
  errors?: FieldError[];
  reasons?: readonly Reason[];
  retryAfterS?: number;
};

/** A refusal with its stable code; `more` says what is special about this case. Never personal data. */
export const refuse = <const C extends ProblemCode>(code: C, more: RefusalDetail = {}): Refusal<C> => new Refusal(code, more);
