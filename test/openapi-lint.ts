import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";

const rules = readFileSync(new URL("openapi-rules.yaml", import.meta.url), "utf8");

/** What an OpenAPI document breaks of the rules in openapi-rules.yaml. @param path what the document is called in what is found */
export const lintOpenApi = async (source: string, path: string) =>
  await lintFromString({ source, absoluteRef: path, config: await createConfig(rules) });
