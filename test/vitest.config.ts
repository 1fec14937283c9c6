import { defineConfig } from "vitest/config";

/** What holds within a time that is looked at: these have the machine for themselves. */
const measured = "test/faults/{backlog,full,leader,network,shutdown,slow}.test.ts";
const shared = {
  root: new URL("..", import.meta.url).pathname,
  testTimeout: 240_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 30_000 } },
};

/** What spans services and takes real time: journeys through the running platform, and faults. Each file has servers of its own. */
export default defineConfig({
  test: {
    root: shared.root,
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    projects: [
      {
        test: {
          ...shared,
          name: "facts",
          include: ["test/{journeys,faults}/**/*.test.ts"],
          exclude: [measured],
          // Mostly they wait for processes to start, to die and to come back.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...shared, name: "times", include: [measured], fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
