import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "services/**/*.test.ts", "infra/**/*.test.ts", "test/{rules,conformance}/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    setupFiles: ["test/record.ts"],
    // Most files wait for a database, a bus or a process of their own rather than for the processor.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
