import { findEvent } from "@shouwang/contract";
import { problemsOf, type Route, routesOf, type Service } from "@shouwang/service-kit";
import { z } from "zod";

export const Entry = z.discriminatedUnion("channel", [
  z.object({ channel: z.literal("problem"), service: z.string(), operation: z.string().optional(), code: z.string() }),
  z.object({ channel: z.literal("outbox"), database: z.string(), type: z.string() }),
]);
export type Entry = z.infer<typeof Entry>;

/**
 * What a test run leaves open between what is declared and what was seen, a sentence each:
 * a problem that a route declares and no test has provoked, one that was answered and is not declared, an event that is not the department's to tell.
 */
export function openQuestions(services: readonly Service<unknown>[], seen: readonly Entry[]): string[] {
  return services.flatMap((service) => [...problemsOpen(service, seen), ...eventsOpen(service, seen)]);
}

function problemsOpen(service: Service<unknown>, seen: readonly Entry[]): string[] {
  const open: string[] = [];
  const routes: Route<unknown>[] = [];
  for (const slice of routesOf(service)) {
    routes.push(...slice.routes);
    for (const route of slice.routes) {
      // A route that every department has is the kit's: one department's test of it speaks for all.
      const codes = codesOf(seen, route.operation, slice.tag === "platform" ? undefined : service.name);
      for (const code of route.problems)
        if (!codes.has(code)) open.push(`${service.name} ${route.operation} declares ${code}, which no test has provoked`);
    }
  }
  for (const route of routes) {
    const declared = new Set<string>(problemsOf(route));
    for (const code of codesOf(seen, route.operation, service.name))
      if (!declared.has(code)) open.push(`${service.name} ${route.operation} answered ${code}, which it does not declare`);
  }
  return open;
}

function codesOf(seen: readonly Entry[], operation: string, service: string | undefined): Set<string> {
  return new Set(
    seen.flatMap((entry) =>
      entry.channel === "problem" && entry.operation === operation && entry.service === (service ?? entry.service)
        ? [entry.code]
        : [],
    ),
  );
}

/** What a department's outbox held must be in the contract, hence in AsyncAPI, and the department's own to tell. */
function eventsOpen(service: Service<unknown>, seen: readonly Entry[]): string[] {
  const types = seen.flatMap((entry) => (entry.channel === "outbox" && entry.database === service.name ? [entry.type] : []));
  return [...new Set(types)].flatMap((type) => {
    const definition = findEvent(type);
    if (!definition) return [`${service.name} sent ${type}, which is not in the contract`];
    return definition.service === service.name ? [] : [`${service.name} sent ${type}, an event of ${definition.service}`];
  });
}
