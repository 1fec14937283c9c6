import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";

/**
 * Loaded beside every test file: writes down each problem that a service answered and each event that left one, a line each, once a file,
 * where TEST_RECORD says. shown.ts holds them against what is declared.
 */
const file = process.env["TEST_RECORD"];
if (file !== undefined) {
  const written = new Set<string>();
  for (const channel of ["shouwang:problem", "shouwang:event"]) {
    subscribe(channel, (message) => {
      const line = `${JSON.stringify({ ...Object(message), channel })}\n`;
      if (written.has(line)) return;
      written.add(line);
      appendFileSync(file, line);
    });
  }
}
