import { slice } from "../kit.ts";

export const helperSlice = slice({ name: "helper" });
