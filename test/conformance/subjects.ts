import type { Service } from "@shouwang/service-kit";
import { clinic } from "@shouwang/service-kit/testing/clinic";
import { mirror } from "@shouwang/service-kit/testing/mirror";
import { findDepartments } from "../departments.ts";

/** A service to be proven, and the name under which its databases are made. */
export type Subject = { name: string; prefix: string; service: Service<unknown> };

export const departments: readonly Subject[] = (await findDepartments()).map(({ service }) => ({
  name: service.name,
  prefix: service.name,
  service,
}));

// Safe: what is proven here is told by a service's declaration; its table types stay with its own handlers.
const unknownTables = (service: unknown): Service<unknown> => service as Service<unknown>;

/** The kit's own test services: they have what no department may have yet, and show that the suite bites. */
export const testServices: readonly Subject[] = [
  { name: "test clinic", prefix: "kit_clinic", service: unknownTables(clinic) },
  { name: "test mirror", prefix: "kit_mirror", service: unknownTables(mirror) },
];
