import { kitFor } from "@shouwang/service-kit";
import type { DB } from "./db.ts";

/** The kit's declaring functions over this department's tables. Of departments' officers, those of human resources work here. */
export const { command, query, job, bulk, clause, schedule, projection, reaction, privateReader, slice } = kitFor<DB>({
  officersOf: ["human-resources"],
});
