import { join } from "node:path";
import { fromSignalToHelp } from "./from-signal-to-help.ts";
import { Platform } from "./platform.ts";

/** Walks the journey against the platform that `npm start` runs, and prints the events it caused: `node test/journeys/run.ts`. */
const port = Number(process.env["SHOUWANG_PORT"] ?? "8080");
const data = process.env["SHOUWANG_DATA"] ?? join(new URL("../../", import.meta.url).pathname, ".data");
await fromSignalToHelp(new Platform(port, data), console.log);
