import { context, propagation, type Span, SpanStatusCode, type Tracer, type TracerProvider, trace } from "@opentelemetry/api";

/** The W3C traceparent of the active span, or undefined outside of one. */
export function traceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier["traceparent"];
}

/** The trace id a problem document and a log line carry, so that a report of trouble finds its trace. */
export const traceId = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId;

const tracer = trace.getTracer("@shouwang/service-kit");

/**
 * Runs `fn` in a span of its own, named by event or job (never by an id), as a child of the trace that `parent` (a traceparent) belongs to.
 * An exception marks the span and goes on.
 */
export async function inSpan<T>(
  name: string,
  attributes: Record<string, string | number>,
  parent: string | undefined,
  fn: (span: Span) => Promise<T>,
): Promise<T> {
  const from = parent === undefined ? context.active() : propagation.extract(context.active(), { traceparent: parent });
  return await tracer.startActiveSpan(name, { attributes }, from, async (span) => {
    try {
      return await fn(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The frames of an exception's stack, without its message, whose own lines may look like frames. */
export function framesOf(error: Error): string[] {
  const { message, stack = "" } = error;
  const begins = stack.indexOf(message);
  return stack
    .slice(begins < 0 ? 0 : begins + message.length)
    .split("\n")
    .filter((line) => /^\s+at \S.*:\d+:\d+\)?$|^\s+at \S+ \(<anonymous>\)$/.test(line));
}

/**
 * A provider whose spans say of an exception its class and frames, and never its message: what instruments HTTP and SQL would record it as it is, and a
 * database's message repeats the value that did not fit.
 */
export function wordless(provider: TracerProvider = trace.getTracerProvider()): TracerProvider {
  return {
    getTracer: (...asked) => {
      const tracer = provider.getTracer(...asked);
      // Safe: whichever of its three forms is called, the last argument is what runs in the span.
      const startActiveSpan = ((...given: unknown[]) => {
        const run = given.at(-1) as (span: Span) => unknown;
        return Reflect.apply(tracer.startActiveSpan, tracer, [...given.slice(0, -1), (span: Span) => run(silenced(span))]);
      }) as Tracer["startActiveSpan"];
      return { startSpan: (...given) => silenced(tracer.startSpan(...given)), startActiveSpan };
    },
  };
}

function silenced(span: Span): Span {
  const record = span.recordException.bind(span);
  const setStatus = span.setStatus.bind(span);
  span.recordException = (exception, at) => {
    if (exception instanceof Error)
      return record({ name: exception.name, message: "", stack: framesOf(exception).join("\n") }, at);
    // The database's instrumentation says a sentence of its own, with the SQLSTATE and nothing else.
    const code = typeof exception === "string" ? /^PostgreSQL error .*\(code: (\w+)\)$/.exec(exception)?.[1] : undefined;
    return record({ name: code === undefined ? "exception" : `PostgreSQL ${code}`, message: "" }, at);
  };
  span.setStatus = ({ code }) => setStatus({ code });
  return span;
}
