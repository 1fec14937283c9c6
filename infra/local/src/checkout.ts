import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

/** The root of this clone. */
export const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** Programs the runner fetched for itself; git ignores it. */
export const TOOLS = join(CHECKOUT, ".tools");

/** A folder outside the clone that belongs to this path alone. */
export const outside = (path: string): string =>
  join("/var/lib/shouwang", createHash("sha256").update(resolve(path)).digest("hex").slice(0, 16));
