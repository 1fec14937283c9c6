import { runService } from "@shouwang/service-kit";
import { mirror } from "./mirror.ts";

await runService(mirror);
