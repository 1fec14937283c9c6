import { defineConfig } from "vitest/config";

/** What spans services and takes real time: journeys through the running platform, and faults. One file after another: each has servers of its own. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/journeys/**/*.test.ts", "test/faults/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
