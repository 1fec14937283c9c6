import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "services/**/*.test.ts", "infra/**/*.test.ts", "test/{rules,conformance}/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    setupFiles: ["test/record.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
