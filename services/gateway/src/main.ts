import "@shouwang/service-kit/telemetry";
import { startGateway } from "./index.ts";

try {
  const gateway = await startGateway(process.env);
  const stop = () => {
    void gateway.stop();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
} catch (error) {
  console.error(`gateway: ${error instanceof Error ? error.message : "could not start"}`);
  process.exitCode = 1;
}
