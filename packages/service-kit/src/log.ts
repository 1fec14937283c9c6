import { type DestinationStream, type LoggerOptions, pino } from "pino";
import { framesOf, traceId } from "./telemetry.ts";

export type Log = ReturnType<typeof openLog>;

/**
 * The service's log: JSON lines with the trace id mixed in. One line per request, reaction or job, with outcome and duration;
 * never a body, a token, an error's SQL parameters or anything of a person.
 * @param to where the lines go; the standard output
 */
export function openLog(service: string, level: string, to: DestinationStream = pino.destination(1)) {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    // `err` is where the library puts an exception that is logged by itself.
    serializers: { error: describeError, err: describeError },
    mixin: () => {
      const id = traceId();
      return id ? { traceId: id } : {};
    },
  };
  return pino(options, to);
}

/**
 * Exceptions whose message may be told, since all of them are written by us or by the bus's client, of codes, limits and subjects: by the name of their class. Any
 * other may repeat what it was given: a name that was read, a value that did not fit.
 */
const telling: readonly string[] = [
  ...["PersonalDataError", "PrivateMessageError", "SheetRefusal", "HandlerHangs", "IssuerAway", "NotSignedIn"],
  ...["ConnectionError", "ClosedConnectionError", "DrainingConnectionError", "TimeoutError", "NoRespondersError"],
  ...["AuthorizationError", "UserAuthenticationExpiredError", "PermissionViolationError"],
  ...["JetStreamNotEnabled", "JetStreamApiError", "StreamNotFoundError", "ConsumerNotFoundError"],
];

/** What may be told of an exception: its class, its code, what the database names of its own, and the frames of the code it went through. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: "non-error" };
  // What names of its own things somebody's code has: an SQLSTATE, a constraint, `ECONNREFUSED` of `connect`.
  const own = ["code", "constraint", "syscall"].flatMap((field) => {
    const value: unknown = Reflect.get(error, field);
    return typeof value === "string" && /^[\w.-]{1,80}$/.test(value) ? [[field, value] as const] : [];
  });
  return {
    name: error.name,
    ...Object.fromEntries(own),
    ...(telling.includes(error.constructor.name) ? { message: error.message } : {}),
    ...(error.cause instanceof Error ? { cause: error.cause.name } : {}),
    stack: framesOf(error).slice(0, 12).join("\n"),
  };
}
