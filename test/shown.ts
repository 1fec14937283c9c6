import { readFileSync } from "node:fs";
import { Entry, openQuestions } from "./compare-record.ts";
import { findDepartments } from "./departments.ts";

/**
 * Compares what the unit and integration tests have seen with what the departments declare: `node test/shown.ts <record>`. Whatever is open fails: a problem
 * that no test has provoked is shown by one, or not declared.
 */
const [file = ""] = process.argv.slice(2);
const seen = readFileSync(file, "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => Entry.parse(JSON.parse(line)));
const open = openQuestions(
  (await findDepartments()).map(({ service }) => service),
  seen,
);
for (const question of open) console.error(question);
if (open.length > 0) process.exitCode = 1;
