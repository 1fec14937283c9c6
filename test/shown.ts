import { readFileSync } from "node:fs";
import { Entry, openQuestions } from "./compare-record.ts";
import { findDepartments } from "./departments.ts";

/** What was open when this list was last looked through. It may only grow shorter: a line that is answered is taken out. */
const known = new Set(
  readFileSync(new URL("not-yet-shown.txt", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")),
);

/** Compares what the unit and integration tests have seen with what the departments declare: `node test/shown.ts <record>`. */
const [file = ""] = process.argv.slice(2);
const seen = readFileSync(file, "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => Entry.parse(JSON.parse(line)));
const open = openQuestions(
  (await findDepartments()).map(({ service }) => service),
  seen,
);
const fresh = open.filter((question) => !known.has(question));
const answered = [...known].filter((question) => !open.includes(question));
for (const question of fresh) console.error(question);
for (const question of answered) console.error(`answered by now, to be taken out of not-yet-shown.txt: ${question}`);
// What is answered by now is told and stops nobody: some of it shows only when things meet at once.
if (fresh.length > 0) process.exitCode = 1;
