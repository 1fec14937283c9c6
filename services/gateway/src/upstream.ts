import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from "node:http";
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
};

type Answer = Dispatcher.ResponseData;
type Away = Refusal<"dependency-unavailable">;

/** The connection to one department. */
export type Upstream = {
  service: string;
  /** Asks the department. The answer's body must be read or destroyed: until then it holds one of the department's places. */
  send(question: Question & { signal: AbortSignal }): Promise<Answer | Away>;
  /**
   * Asks the department and lets its answer flow to the client, under the headers that `head` makes of the department's; settles when it has. When the client
   * goes away the department's work is cut off, and when the department breaks off in mid-body the client's connection breaks too, since a shortened answer must
   * not look whole. Answers a refusal while nothing has been sent to the client.
   */
  pass(
    question: Question,
    client: ServerResponse,
    head: (from: IncomingHttpHeaders) => OutgoingHttpHeaders,
  ): Promise<Away | undefined>;
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

  /** Takes one of the department's places for one request, or says why there is none. */
  const enter = () => {
    const resting = failures >= failuresUntilRest;
    if (resting && (trying || performance.now() < restsUntil)) return away(service, "暂时无法连接", "cannot be reached");
    if (running >= most.running) return away(service, "正忙,请稍后再试", "is busy");
    running += 1;
    trying = resting;
    return {
      /** The department, or nobody, has answered: others may try again. */
      settled: () => {
        if (resting) trying = false;
      },
      leave: () => {
        running -= 1;
      },
    };
  };
  const failed = (error: unknown, unasked: boolean): Away => {
    const code = codeOf(error);
    if (notConnected.has(code)) {
      failures += 1;
      restsUntil = performance.now() + restMs;
    }
    if (!unasked) log.warn({ department: service, code }, "department away");
    return code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_CONNECT_TIMEOUT"
      ? away(service, "未在时限内答复", "did not answer in time")
      : away(service, "暂时无法连接", "cannot be reached");
  };

  return {
    service,
    async send({ signal, ...question }) {
      const place = enter();
      if ("code" in place) return place;
      try {
        const answer = await onceMore(question, () => pool.request({ ...addressed(question), signal }));
        failures = 0;
        answer.body.once("close", place.leave);
        return answer;
      } catch (error) {
        place.leave();
        return failed(error, signal.aborted);
      } finally {
        place.settled();
      }
    },
    async pass(question, client, head) {
      const place = enter();
      if ("code" in place) return place;
      const begun = () => {
        failures = 0;
        place.settled();
      };
      try {
        await onceMore(question, () => flow(pool, question, client, head, begun));
        return undefined;
      } catch (error) {
        return failed(error, client.destroyed);
      } finally {
        place.leave();
        place.settled();
      }
    },
    close: () => pool.destroy(),
  };
}

/** A request as undici takes it. Safe: the server's parser lets through no method but those it knows, which undici's type lists. */
const addressed = ({ method, ...question }: Question) => ({ ...question, method: method as Dispatcher.HttpMethod });

/** Asks, and once more where that changes nothing and the connection had just been closed by the other side. */
async function onceMore<T>({ method }: Question, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if ((method === "GET" || method === "HEAD") && cutOff.has(codeOf(error))) return await ask();
    throw error;
  }
}

/**
 * One request whose answer is written to the client as it comes, without a stream in between: that is what the door spends its time on. Settles when the answer
 * has ended or broken off; throws while nothing of it has come.
 */
function flow(
  pool: Pool,
  question: Question,
  client: ServerResponse,
  head: (from: IncomingHttpHeaders) => OutgoingHttpHeaders,
  begun: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let cutOffBy: Dispatcher.DispatchController | undefined;
    let ended = false;
    const gone = () => {
      if (!ended) cutOffBy?.abort(new Error("the client went away"));
    };
    client.once("close", gone);
    pool.dispatch(addressed(question), {
      onRequestStart(controller) {
        cutOffBy = controller;
        if (client.destroyed) gone();
      },
      onResponseStart(_, status, headers) {
        if (status < 200) return;
        begun();
        client.writeHead(status, head(headers));
        // An answer of known length follows at once, and goes out with its headers; a stream's headers must not wait for its first word.
        if (headers["content-length"] === undefined) client.flushHeaders();
      },
      onResponseData(controller, chunk) {
        if (client.write(chunk)) return;
        controller.pause();
        client.once("drain", () => controller.resume());
      },
      onResponseEnd() {
        ended = true;
        client.end();
        resolve();
      },
      onResponseError(_, error) {
        ended = true;
        client.off("close", gone);
        if (!client.headersSent) return reject(error);
        client.destroy();
        resolve();
      },
    });
  });
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}

const away = (service: string, zh: string, en: string): Away =>
  refuse("dependency-unavailable", { detail: { zh: `部门服务 ${service} ${zh}`, en: `The department ${service} ${en}` } });
