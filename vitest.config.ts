import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Bounds for what never ends; a busy machine must not meet them.
const expect = { poll: { timeout: 30_000 } };
const shared = { setupFiles: ["test/record.ts"], testTimeout: 120_000, hookTimeout: 120_000, expect };
const contract = "packages/contract/**/*.test.ts";

export default defineConfig({
  test: {
    // Most files wait for a database, a bus or a process of their own rather than for the processor.
    maxWorkers: availableParallelism() + 1,
    projects: [
      // The contract's tests speak of every event that is declared, so none of another file's may be there.
      { test: { ...shared, name: "contract", include: [contract] } },
      {
        test: {
          ...shared,
          name: "all",
          include: [
            "packages/**/*.test.ts",
            "services/**/*.test.ts",
            "infra/**/*.test.ts",
            "test/{rules,conformance,bench}/**/*.test.ts",
          ],
          exclude: [contract, "**/node_modules/**"],
          globalSetup: ["packages/testkit/src/global-setup.ts"],
          // Modules are read once a worker instead of once a file; each test makes its own databases and services anyway.
          isolate: false,
        },
      },
    ],
  },
});
