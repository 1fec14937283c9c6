import { createRoute, z } from "@hono/zod-openapi";
import { HouseholdId, type Refusal, refuse } from "@shouwang/contract";
import { problemAnswers } from "@shouwang/service-kit";
import type { Asked } from "../ask.ts";

/** A department's part of the file; what is in it is that department's affair. */
export const FilePart = z.looseObject({ asOf: z.string().optional() });

/** The owner of every household: what it does not know, nobody does. */
const owner = "monitoring";

/** One household's file, put together from every department. */
export const householdFileRoute = createRoute({
  method: "get",
  path: "/api/v1/households/{id}/file",
  operationId: "read-household-file",
  tags: ["across"],
  summary: "一户一档(全部部门)· What every department knows of one household",
  description:
    "各部门按本人权限答复,并各自记录被查阅 · Each department answers under the caller's own rights and records that its part was opened",
  security: [{ oidc: [] }],
  request: { params: z.object({ id: HouseholdId }) },
  responses: {
    ...problemAnswers(["not-signed-in", "role-not-allowed", "household-not-found", "dependency-unavailable"]),
    200: {
      description: "One part a department, under the caller's rights in each; each department records that its part was opened",
      content: {
        "application/json": {
          schema: z.object({
            householdId: z.string(),
            parts: z.array(
              z.object({
                service: z.string(),
                state: z.enum(["ok", "missing", "down"]),
                asOf: z.string().nullable(),
                file: z.record(z.string(), z.unknown()).nullable(),
              }),
            ),
          }),
        },
      },
    },
  },
});

/** Puts the parts together; a household that its owner does not show to the caller does not exist for them, whatever the others said. */
export function fileOf(
  householdId: string,
  reports: readonly { service: string; asked: Asked<z.infer<typeof FilePart>> }[],
  now: Date,
): { householdId: string; parts: unknown[] } | Refusal<"household-not-found" | "role-not-allowed"> {
  const ofOwner = reports.find(({ service }) => service === owner)?.asked;
  if (ofOwner?.state === "refused") return refuse(ofOwner.status === 403 ? "role-not-allowed" : "household-not-found");
  return {
    householdId,
    parts: reports.map(({ service, asked }) => ({
      service,
      state: asked.state === "refused" ? "missing" : asked.state,
      asOf: asked.state === "ok" ? (asked.body.asOf ?? now.toISOString()) : null,
      file: asked.state === "ok" ? asked.body : null,
    })),
  };
}
