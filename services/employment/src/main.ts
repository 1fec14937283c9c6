import "@shouwang/service-kit/telemetry";
import { runService } from "@shouwang/service-kit";
import { employment } from "./index.ts";

await runService(employment);
