import type { TracerProvider } from "@opentelemetry/api";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { wordless } from "./telemetry.ts";

/** SQL in spans, without what an exception says. */
class WordlessPg extends PgInstrumentation {
  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(wordless(provider));
  }
}

const signals = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

/**
 * Traces of HTTP, SQL, events and jobs, and the metrics of `metrics.ts`, sent where the standard `OTEL_*` variables say (protocol, interval, which of the
 * two); nothing is set up while no collector is named. Imported first by a service's `main.ts`, before anything opens a connection or makes a meter.
 * Statements are recorded without their values, exceptions without their messages.
 */
if (signals.some((name) => process.env[name])) {
  // Logs go to the standard output, where whoever runs the service collects them.
  process.env["OTEL_LOGS_EXPORTER"] ??= "none";
  const sdk = new NodeSDK({
    instrumentations: [new WordlessPg({ enhancedDatabaseReporting: false, requireParentSpan: true })],
  });
  sdk.start();
  // The last spans leave while the service drains; a collector that is away holds nothing up.
  process.once("SIGTERM", () => void sdk.shutdown().catch(() => {}));
}
