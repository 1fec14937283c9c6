import type { z } from "zod";
import type { EventDraft } from "./define-event.ts";
import type { Bilingual, Department } from "./vocabulary.ts";

export type PrivateEventAbout<S extends z.ZodObject> = {
  title: Bilingual;
  clauses: readonly string[];
  /** Departments for whose keys the message is encrypted; nobody else can read it, integrators never. */
  entitled: readonly Department[];
  /** Worked example with made-up data that no person has. */
  example: z.input<S>;
};

export type PrivateEventDefinition<T extends string = string, S extends z.ZodObject = z.ZodObject> = {
  /** `<service>.<entity>.<event>`, without the major. */
  name: T;
  major: number;
  type: string;
  service: Department;
  entity: string;
  schema: S;
  about: PrivateEventAbout<S>;
  of(entityId: string, version: number, region: string, data: z.input<S>): EventDraft;
};

const registry = new Map<string, PrivateEventDefinition>();

/**
 * Declares an event that carries identity, name, phone or payee account. It travels on `sw.pii.<service>.…` as a JWE for the entitled
 * departments' keys and is kept for 90 days; it is always the whole state of what it tells, so that a resent one replaces the older.
 * Throws when the name is taken or malformed, nobody or the sender itself is entitled, or the example does not fit.
 */
export function definePrivateEvent<const T extends `${Department}.${string}.${string}`, S extends z.ZodObject>(
  name: T,
  major: number,
  schema: S,
  about: PrivateEventAbout<S>,
): PrivateEventDefinition<T, S> {
  const [service, entity, ...rest] = name.split(".");
  const type = `${name}.v${major}`;
  if (!service || !entity || rest.length !== 1) throw new Error(`${name}: an event is named <department>.<entity>.<event>`);
  if (registry.has(type)) throw new Error(`${type} is declared twice`);
  if (about.entitled.length === 0 || about.entitled.some((department) => department === service))
    throw new Error(`${name}: entitled are other departments, at least one`);
  schema.parse(about.example);
  const strict = schema.strict();
  const definition: PrivateEventDefinition<T, S> = {
    name,
    major,
    type,
    // Safe: the template type of `name` admits a department only.
    service: service as Department,
    entity,
    schema,
    about,
    of: (entityId, version, region, data) => ({ type, entity, entityId, version, region, data: strict.parse(data) }),
  };
  // Safe: the registry only reads what every definition has; the data type is checked again by `schema` when parsing.
  registry.set(type, definition as unknown as PrivateEventDefinition);
  return definition;
}

/** Every declared private event, in order of its type. */
export const allPrivateEvents = (): PrivateEventDefinition[] => [...registry.values()].sort((a, b) => (a.type < b.type ? -1 : 1));

/** The declaration of a private event's type, or undefined. */
export const findPrivateEvent = (type: string): PrivateEventDefinition | undefined => registry.get(type);

/** JetStream stream that holds a department's private events. */
export const privateStreamOf = (service: string): string => `SW_PII_${service.toUpperCase()}`;

/** The NATS subject of a private event: `sw.pii.<service>.<entity>.<event>.v<major>.<city>.<county>`. */
export const privateSubjectOf = (type: string, region: string): string =>
  `sw.pii.${type}.${region.slice(0, 4)}.${region.slice(0, 6)}`;
