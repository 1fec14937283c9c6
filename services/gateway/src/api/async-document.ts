import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The contract's AsyncAPI document as text; undefined while the contract has none. */
export async function asyncApiDocument(): Promise<string | undefined> {
  try {
    return await readFile(require.resolve("@shouwang/contract/asyncapi.json"), "utf8");
  } catch {
    return undefined;
  }
}
