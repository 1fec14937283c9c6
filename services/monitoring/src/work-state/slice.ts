import { slice } from "../kit.ts";
import { employmentWork } from "./projection.ts";

/** E-01, E-10, M-05: who of a household is at work where, as employment tells it; shown in the household's file. */
export const workStateSlice = slice({
  name: "work-state",
  title: { zh: "务工状态", en: "Work of household members" },
  readers: [employmentWork],
});
