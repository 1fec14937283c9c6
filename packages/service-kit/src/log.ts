import { pino } from "pino";
import { traceId } from "./telemetry.ts";

export type Log = ReturnType<typeof openLog>;

/**
 * The service's log: JSON lines with the trace id mixed in. One line per request, reaction or job, with outcome and duration;
 * never a body, a token, an error's SQL parameters or anything of a person.
 */
export function openLog(service: string, level: string) {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: describeError },
    mixin: () => {
      const id = traceId();
      return id ? { traceId: id } : {};
    },
  });
}

/** What may be told of an exception: its name, code and stack of our own frames. Messages of the database can hold values, so they stay out. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: "non-error" };
  const fromDatabase = "severity" in error || "routine" in error;
  const code = "code" in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    ...("constraint" in error && typeof error.constraint === "string" ? { constraint: error.constraint } : {}),
    ...(fromDatabase ? {} : { message: error.message }),
    stack: error.stack
      ?.split("\n")
      .filter((line) => line.trimStart().startsWith("at "))
      .slice(0, 12)
      .join("\n"),
  };
}
