import { z } from "zod";
import { allEvents, Envelope, type EventDefinition, streamOf } from "./define-event.ts";
import type { PrivateEventDefinition } from "./define-private-event.ts";
import { cloudEvent } from "./envelope.ts";
import { Department } from "./vocabulary.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const guarantee =
  "At least once to you, each event once in the stream, in version order per entity, kept without end by default. " +
  "Within a major, changes only add; a new major is a new subject, and both are published while they overlap.";

const description = `${guarantee}

- Area: the last two tokens of a subject are the city (4 digits) and the county (6 digits). What concerns a whole city ends \`.<city>.<city>00\`,
  the whole region \`.4500.450000\`. So \`sw.evt.*.*.*.*.4512.>\` is everything of one city.
- Kind: a \`state\` event carries the whole public state of its entity after the change; keep the highest \`sequence\` per entity and drop what is older.
  A \`fact\` has its own id, is never repeated under another, and is never dropped.
- Personal data: \`x-personal-data\` on each field says \`pseudonymous\` (leads to a person or household only for those who hold the registry) or \`none\`.
  Names, identity numbers, phones and accounts travel on a second, private stream, encrypted for single departments; it is not open to integrators.
- Unknown fields and unknown types are to be ignored: they come from a newer contract.`;

/** Fields say whether they are personal data; what is not marked holds none. */
function markPersonalData(schema: Json): void {
  if (schema === null || typeof schema !== "object") return;
  if (Array.isArray(schema)) {
    schema.forEach(markPersonalData);
    return;
  }
  const properties = schema["properties"];
  if (properties !== null && typeof properties === "object" && !Array.isArray(properties))
    for (const field of Object.values(properties))
      if (field !== null && typeof field === "object" && !Array.isArray(field)) field["x-personal-data"] ??= "none";
  Object.values(schema).forEach(markPersonalData);
}

/** JSON Schema (draft 7, AsyncAPI's own dialect) of what a reader accepts: additional fields allowed. */
export function jsonSchemaOf(schema: z.ZodObject): JsonObject {
  const { $schema: _, ...converted } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      // The calendar's pattern repeats what the format says, and the safe-integer bounds are JSON's own.
      if (jsonSchema.format === "date" || jsonSchema.format === "date-time") delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  // Safe: a JSON Schema document is JSON; the copy drops what is not (zod's hidden members).
  const plain = JSON.parse(JSON.stringify(converted)) as JsonObject;
  markPersonalData(plain);
  return plain;
}

/** What the attributes of the envelope are; the subject and the actor may lead to a person for those who hold the registry or the sign-in. */
const attributes: Record<string, { description: string; pseudonymous?: true }> = {
  specversion: { description: "Version of CloudEvents" },
  id: { description: "Id of the event, UUIDv7" },
  type: { description: "Name and major" },
  source: { description: "Department that published it" },
  subject: { description: "Entity and its id", pseudonymous: true },
  time: { description: "Moment it happened, by the business clock" },
  datacontenttype: { description: "Type of data" },
  sequence: { description: "Version of the entity, rising without gaps over all events about it" },
  region: { description: "Division it belongs to, 12 digits" },
  actor: { description: "Issuer and opaque subject of who caused it", pseudonymous: true },
  traceparent: { description: "W3C trace context" },
  data: { description: "What the event says" },
};

const envelopeSchema = (): JsonObject => {
  const described = Object.entries(Envelope.shape).map(([name, field]) => {
    const { description = name, pseudonymous } = attributes[name] ?? {};
    return [name, field.meta({ description, "x-personal-data": pseudonymous ? "pseudonymous" : "none" })] as const;
  });
  return jsonSchemaOf(z.object(Object.fromEntries(described)));
};

/** The field that holds the entity's id: the first of the schema, by the contract's habit. */
export const keyOf = ({ schema }: { schema: z.ZodObject }): string => Object.keys(schema.shape)[0] ?? "";

/** A whole envelope made from the worked example of an event. */
export function exampleEnvelope(definition: EventDefinition | PrivateEventDefinition): Envelope {
  const example: Record<string, unknown> = definition.about.example;
  const place = ["region", "county", "to"].map((field) => example[field]).find((value) => typeof value === "string");
  const draft = definition.of(String(example[keyOf(definition)]), 1, String(place ?? "450000000000"), example);
  return cloudEvent(draft, {
    id: "01825a10-7c00-7000-8000-0000000000ff",
    time: "2022-08-01T22:00:00+08:00",
    actor: "https://login.example|7d1f0a52-6a0e-4c1b-9b57-2f6c1e0d9a11",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  });
}

const ref = (path: string): JsonObject => ({ $ref: `#/${path}` });
/** All state events of an entity share its one state schema; a fact has a schema of its own. Either way it is named after the entity. */
const schemaName = ({ service, entity }: EventDefinition): string => `${service}.${entity}`;

function messageOf(definition: EventDefinition): JsonObject {
  const { type, about } = definition;
  const envelope = exampleEnvelope(definition);
  // Safe: an envelope is what is published as JSON.
  const payload = JSON.parse(JSON.stringify(envelope)) as JsonObject;
  return {
    name: type,
    title: about.title.zh,
    summary: about.title.en,
    contentType: "application/cloudevents+json",
    headers: ref("components/schemas/headers"),
    payload: {
      allOf: [
        ref("components/schemas/cloudevent"),
        {
          type: "object",
          properties: {
            type: { const: type },
            source: { const: `/${definition.service}` },
            data: ref(`components/schemas/${schemaName(definition)}`),
          },
        },
      ],
    },
    tags: [{ name: definition.service }, { name: about.kind }, ...about.clauses.map((clause) => ({ name: clause }))],
    examples: [{ name: "example", payload }],
  };
}

function channelOf(definition: EventDefinition): JsonObject {
  const { type, about } = definition;
  return {
    address: `sw.evt.${type}.{city}.{county}`,
    title: about.title.zh,
    summary: about.title.en,
    parameters: { city: ref("components/parameters/city"), county: ref("components/parameters/county") },
    messages: { event: ref(`components/messages/${type}`) },
    "x-kind": about.kind,
    "x-stream": streamOf(definition.service),
    "x-clauses": [...about.clauses],
    "x-readers": [...about.readers],
  };
}

const text = (description: string): JsonObject => ({ type: "string", description });

/**
 * The AsyncAPI 3 document of every public event, made from the same definitions that producers and readers run.
 * @param serverHost host and port of the NATS server it is served for
 */
export function asyncApiDocument({ serverHost = "localhost:4222" }: { serverHost?: string } = {}): JsonObject {
  const events = allEvents();
  const each = (make: (definition: EventDefinition) => JsonObject): JsonObject =>
    Object.fromEntries(events.map((definition) => [definition.type, make(definition)]));
  return {
    asyncapi: "3.0.0",
    info: {
      title: "守望 Shouwang: events of six departments",
      version: "0.1.0",
      description,
      tags: Department.options.map((name) => ({ name })),
    },
    defaultContentType: "application/cloudevents+json",
    servers: {
      bus: {
        host: serverHost,
        protocol: "nats",
        description: "NATS with JetStream",
        security: [ref("components/securitySchemes/nkey")],
      },
    },
    channels: each(channelOf),
    operations: each((definition) => ({
      action: "send",
      title: definition.about.title.zh,
      summary: definition.about.title.en,
      description: guarantee,
      channel: ref(`channels/${definition.type}`),
      messages: [ref(`channels/${definition.type}/messages/event`)],
      tags: [{ name: definition.service }],
    })),
    components: {
      parameters: {
        city: { description: "First 4 digits of the division: the city, or 4500 for the whole region", examples: ["4512"] },
        county: { description: "First 6 digits of the division: the county, <city>00 or 450000", examples: ["451228"] },
      },
      securitySchemes: {
        nkey: {
          type: "asymmetricEncryption",
          description:
            "An nkey (Ed25519): the server sends a nonce, the client signs it. The key limits the subjects, and so the area, that may be read.",
        },
      },
      schemas: {
        cloudevent: envelopeSchema(),
        headers: {
          type: "object",
          description: "Attributes of the event, repeated for filtering without reading the body",
          properties: {
            "ce-id": text("Same as id"),
            "ce-type": text("Same as type"),
            "ce-source": text("Same as source"),
            "ce-subject": text("Same as subject"),
            "ce-time": text("Same as time"),
            traceparent: text("Same as traceparent"),
            "sw-position": text("Position in the department's stream; equals the stream sequence"),
          },
        },
        ...Object.fromEntries(events.map((definition) => [schemaName(definition), jsonSchemaOf(definition.schema)])),
      },
      messages: each(messageOf),
    },
  };
}
