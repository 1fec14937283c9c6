import "../start-telemetry.ts";
import { runService } from "../start.ts";
import { clinic } from "./clinic.testing.ts";
import { mirror } from "./mirror.testing.ts";
import { vault } from "./vault.testing.ts";

/** A test service as a process of its own, to be killed. */
if (process.env["WARD"] === "mirror") await runService(mirror);
else if (process.env["WARD"] === "vault") await runService(vault);
else await runService(clinic);
