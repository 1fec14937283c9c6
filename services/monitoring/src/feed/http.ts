import { slice } from "../kit.ts";

/** M-01: what departments send, row by row. */
export const feedSlice = slice({ name: "feed", routes: [] });
