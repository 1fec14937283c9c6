import type { Readable } from "node:stream";
import { type Refusal, refuse } from "@shouwang/contract";
import type { Log } from "@shouwang/service-kit";
import { type Dispatcher, Pool } from "undici";

/** A request to a department, its path and query as the service itself serves them. */
type Question = {
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
  body?: Readable;
  signal: AbortSignal;
};

type Answer = Dispatcher.ResponseData;
type Away = Refusal<"dependency-unavailable">;

/** The connection to one department. */
export type Upstream = {
  service: string;
  /** Asks the department. The answer's body must be read or destroyed: until then it holds one of the department's places. */
  send(question: Question): Promise<Answer | Away>;
  close(): Promise<void>;
};

const connectTimeoutMs = 2_000;
const bodyIdleMs = 60_000;
const failuresUntilRest = 3;
const restMs = 1_000;

const notConnected = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const cutOff = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/**
 * Opens the way to one department: kept connections, bounded in time and number, so that a department that is down or slow costs only
 * those who asked for it. Beyond `limit` running requests, and for a second after three failed connects, it answers at once that the
 * department is away. A GET or HEAD that met a connection just closed by the other side is sent once more; nothing else ever is.
 * @param most requests that run at once, and milliseconds until an answer must begin
 */
export function openUpstream(service: string, origin: string, most: { running: number; answerMs: number }, log: Log): Upstream {
  const pool = new Pool(origin, {
    connections: most.running,
    connectTimeout: connectTimeoutMs,
    headersTimeout: most.answerMs,
    bodyTimeout: bodyIdleMs,
  });
  let running = 0;
  let failures = 0;
  let restsUntil = 0;
  let trying = false;

  const request = async (question: Question): Promise<Answer> => {
    // Safe: the server's parser lets through no method but those it knows, which undici's type lists.
    const method = question.method as Dispatcher.HttpMethod;
    const options = { method, path: question.path, headers: question.headers, signal: question.signal };
    if (question.body) return await pool.request({ ...options, body: question.body });
    try {
      return await pool.request(options);
    } catch (error) {
      if ((method === "GET" || method === "HEAD") && cutOff.has(codeOf(error))) return await pool.request(options);
      throw error;
    }
  };

  return {
    service,
    async send(question) {
      const resting = failures >= failuresUntilRest;
      if (resting && (trying || performance.now() < restsUntil)) return away(service, "暂时无法连接", "cannot be reached");
      if (running >= most.running) return away(service, "正忙,请稍后再试", "is busy");
      running += 1;
      trying = resting;
      try {
        const answer = await request(question);
        failures = 0;
        answer.body.once("close", () => {
          running -= 1;
        });
        return answer;
      } catch (error) {
        running -= 1;
        const code = codeOf(error);
        if (notConnected.has(code)) {
          failures += 1;
          restsUntil = performance.now() + restMs;
        }
        if (!question.signal.aborted) log.warn({ department: service, code }, "department away");
        return code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_CONNECT_TIMEOUT"
          ? away(service, "未在时限内答复", "did not answer in time")
          : away(service, "暂时无法连接", "cannot be reached");
      } finally {
        if (resting) trying = false;
      }
    },
    close: () => pool.destroy(),
  };
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}

const away = (service: string, zh: string, en: string): Away =>
  refuse("dependency-unavailable", { detail: { zh: `部门服务 ${service} ${zh}`, en: `The department ${service} ${en}` } });
