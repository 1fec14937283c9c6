import { slice } from "../kit.ts";

export const measureSlice = slice({ name: "measure" });
