import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { NodeSDK } from "@opentelemetry/sdk-node";

/**
 * Traces of HTTP, SQL, events and jobs, sent where the standard `OTEL_*` variables say; nothing is set up while no collector is named.
 * Imported first by a service's `main.ts`, before anything opens a connection. Statements are recorded without their values.
 */
if (process.env["OTEL_EXPORTER_OTLP_ENDPOINT"]) {
  const sdk = new NodeSDK({
    instrumentations: [new PgInstrumentation({ enhancedDatabaseReporting: false, requireParentSpan: true })],
  });
  sdk.start();
  // The last spans leave while the service drains; a collector that is away holds nothing up.
  process.once("SIGTERM", () => void sdk.shutdown().catch(() => {}));
}
