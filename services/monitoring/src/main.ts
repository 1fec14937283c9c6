import "@shouwang/service-kit/telemetry";
import { runService } from "@shouwang/service-kit";
import { monitoring } from "./index.ts";

await runService(monitoring);
