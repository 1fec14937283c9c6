import { slice } from "../kit.ts";

export const visitSlice = slice({ name: "visit" });
