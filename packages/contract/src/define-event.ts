import { z } from "zod";
import type { Bilingual, Department } from "./vocabulary.ts";
import { Instant, RegionCode } from "./vocabulary.ts";

/**
 * What an event is.
 * - `state`: the entity's whole public state after the change; a reader drops a version older than the one it has. Mirrors read state only.
 * - `fact`: something that happened, under its own id; inserted once, commutes with others, never dropped.
 */
export type EventKind = "state" | "fact";

export type EventAbout<S extends z.ZodObject> = {
  kind: EventKind;
  title: Bilingual;
  /** Worked example of the data: documentation, and the input of every conformance test. */
  example: z.input<S>;
  /** Clauses this event serves. */
  clauses: readonly string[];
  readers: readonly (Department | "gateway" | "integrators")[];
};

/** An event as a command returns it, before the kit gives it id, time and position. */
export type EventDraft = {
  type: string;
  entity: string;
  entityId: string;
  version: number;
  region: string;
  data: Record<string, unknown>;
};

export type EventDefinition<T extends string = string, S extends z.ZodObject = z.ZodObject> = {
  /** `<service>.<entity>.<event>`, without the major. */
  name: T;
  major: number;
  /** The CloudEvents type: name and major, `monitoring.household.registered.v1`. */
  type: string;
  service: Department;
  entity: string;
  schema: S;
  about: EventAbout<S>;
  /**
   * An event of this kind about one entity.
   * @param version the entity's version after the change; gap-free per entity over all of its events
   * @param region the 12-digit division the entity belongs to when it happened
   */
  of(entityId: string, version: number, region: string, data: z.input<S>): EventDraft;
};

const registry = new Map<string, EventDefinition>();

/**
 * Declares an event: its name, its data as zod, what kind it is and an example.
 * Throws when the name is taken, is not `<department>.<entity>.<event>`, or the example does not fit the schema.
 */
export function defineEvent<const T extends `${Department}.${string}.${string}`, S extends z.ZodObject>(
  name: T,
  major: number,
  schema: S,
  about: EventAbout<S>,
): EventDefinition<T, S> {
  const [service, entity, ...rest] = name.split(".");
  const type = `${name}.v${major}`;
  if (!service || !entity || rest.length !== 1) throw new Error(`${name}: an event is named <department>.<entity>.<event>`);
  if (registry.has(type)) throw new Error(`${type} is declared twice`);
  schema.parse(about.example);
  // Made once: a schema made per event costs a hundred times the parsing.
  const strict = schema.strict();
  const definition: EventDefinition<T, S> = {
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
  registry.set(type, definition as unknown as EventDefinition);
  return definition;
}

/** Every declared event, in order of its type. */
export const allEvents = (): EventDefinition[] => [...registry.values()].sort((a, b) => (a.type < b.type ? -1 : 1));

/** The declaration of a CloudEvents type, or undefined when this contract does not know it. */
export const findEvent = (type: string): EventDefinition | undefined => registry.get(type);

/**
 * The structured CloudEvents 1.0 JSON on the wire. `sequence` is the entity's version as text (the CloudEvents sequence extension),
 * `region` the 12-digit division, `actor` issuer and opaque subject of whoever caused it. Unknown attributes are let through: additive change is allowed.
 */
export const Envelope = z.object({
  specversion: z.literal("1.0"),
  id: z.uuidv7(),
  type: z.string(),
  source: z.string().regex(/^\/[a-z]+$/),
  subject: z.string().regex(/^[a-z-]+\/.+$/),
  time: Instant,
  datacontenttype: z.literal("application/json"),
  sequence: z.string().regex(/^\d+$/),
  region: RegionCode,
  actor: z.string(),
  traceparent: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
});
export type Envelope = z.infer<typeof Envelope>;

/** JetStream stream that holds a department's events. */
export const streamOf = (service: string): string => `SW_EVT_${service.toUpperCase()}`;

/**
 * The NATS subject of an event: `sw.evt.<service>.<entity>.<event>.v<major>.<city>.<county>`.
 * What concerns a whole city ends `.<city>.<city>00`, what concerns the whole region `.4500.450000`.
 */
export function subjectOf(type: string, region: string): string {
  return `sw.evt.${type}.${region.slice(0, 4)}.${region.slice(0, 6)}`;
}
