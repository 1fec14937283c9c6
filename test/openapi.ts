import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatProblems, getTotals } from "@redocly/openapi-core";
import { ApiDocument, mergedDocument } from "@shouwang/gateway";
import { openApiDocument } from "@shouwang/service-kit";
import { findDepartments } from "./departments.ts";
import { lintOpenApi } from "./openapi-lint.ts";

/**
 * Writes the OpenAPI document of each department and the gateway's merged one (`services/<name>/openapi.json`) and lints them.
 * `--verify` compares instead of writing, and fails when a committed file is not what the declared routes make.
 */
const verify = process.argv.includes("--verify");
const departments = await findDepartments();
const documents = departments.map(({ folder, service }) => ({
  file: new URL("openapi.json", folder),
  service: service.name,
  document: ApiDocument.parse(JSON.parse(JSON.stringify(openApiDocument(service)))),
}));
const merged = { file: new URL("../services/gateway/openapi.json", import.meta.url), document: mergedDocument(documents, []) };

for (const { file, document } of [...documents, merged]) {
  const path = fileURLToPath(file);
  const source = `${JSON.stringify(document, null, 1)}\n`;
  if (!verify) writeFileSync(file, source);
  else if (readFileSync(file, "utf8") !== source) fail(`${path} is not what the routes declare; npm run openapi writes it`);
  const problems = await lintOpenApi(source, path);
  if (problems.length === 0) continue;
  formatProblems(problems, { format: "stylish", totals: getTotals(problems), version: "" });
  fail(`${path} breaks ${problems.length} rules`);
}

function fail(because: string): void {
  console.error(because);
  process.exitCode = 1;
}
