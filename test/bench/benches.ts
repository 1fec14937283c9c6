import type { Bench } from "./bench.ts";
import { busBench } from "./bus.bench.ts";
import { gatewayBench } from "./gateway.bench.ts";
import { importBench } from "./import.bench.ts";
import { incomeBench } from "./income.bench.ts";
import { platformBench } from "./platform.bench.ts";
import { roundBench } from "./round.bench.ts";
import { screeningBench } from "./screening.bench.ts";

/** Every benchmark, in the order they run. */
export const benches: readonly Bench[] = [
  busBench,
  importBench,
  incomeBench,
  screeningBench,
  gatewayBench,
  platformBench,
  roundBench,
];
