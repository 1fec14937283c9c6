import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";

/**
 * Loaded beside every test file: writes down each problem that a service answered, a line each, once a file, where TEST_RECORD says.
 * The test databases write down what their outboxes held. shown.ts holds both against what is declared.
 */
const file = process.env["TEST_RECORD"];
if (file !== undefined) {
  const written = new Set<string>();
  subscribe("shouwang:problem", (message) => {
    const line = `${JSON.stringify({ ...Object(message), channel: "problem" })}\n`;
    if (written.has(line)) return;
    written.add(line);
    appendFileSync(file, line);
  });
}
