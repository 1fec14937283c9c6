import { kitFor } from "@shouwang/service-kit";
import type { DB } from "./db.ts";

/** The kit's declaring functions over this department's tables. */
export const {
  command,
  query,
  job,
  bulk,
  schedule,
  clause,
  round,
  due,
  projection,
  reaction,
  privateState,
  privateReader,
  slice,
} = kitFor<DB>();
