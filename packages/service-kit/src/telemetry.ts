import { context, propagation, type Span, SpanStatusCode, trace } from "@opentelemetry/api";

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
