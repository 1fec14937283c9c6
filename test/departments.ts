import { existsSync, readdirSync } from "node:fs";
import { Department as Name } from "@shouwang/contract";
import type { Service } from "@shouwang/service-kit";

const services = new URL("../services/", import.meta.url);

/** A department's service as it is declared, and the folder it lives in. */
export type Department = { folder: URL; service: Service<unknown> };

/** Every service of the house that is declared with `defineService`, found in its folder and in the plan's order: a new department is here without being named. */
export async function findDepartments(): Promise<Department[]> {
  const found: Department[] = [];
  for (const name of readdirSync(services).sort()) {
    const folder = new URL(`${name}/`, services);
    const index = new URL("src/index.ts", folder);
    if (!existsSync(index)) continue;
    const exported: Record<string, unknown> = await import(index.href);
    for (const value of Object.values(exported)) if (isService(value)) found.push({ folder, service: value });
  }
  const place = ({ service }: Department) => Name.options.indexOf(service.name);
  return found.sort((one, other) => place(one) - place(other));
}

/** Only `defineService` makes something with all of these. */
const isService = (value: unknown): value is Service<unknown> =>
  typeof value === "object" && value !== null && "migrations" in value && "slices" in value && "deadlineOverdue" in value;
