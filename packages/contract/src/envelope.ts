import { z } from "zod";
import { Envelope, type EventDefinition, type EventDraft, findEvent } from "./define-event.ts";
import { findPrivateEvent, type PrivateEventDefinition } from "./define-private-event.ts";

/** What the platform adds to a draft: an id (UUIDv7, real time), the moment by the business clock, and who caused it. */
export type Happening = { id: string; time: string; actor: string; traceparent?: string | undefined };

/** The structured CloudEvents 1.0 JSON of a draft, as it is published. Throws when an attribute does not fit the envelope. */
export function cloudEvent(draft: EventDraft, { id, time, actor, traceparent }: Happening): Envelope {
  const [service] = draft.type.split(".");
  return Envelope.parse({
    specversion: "1.0",
    id,
    type: draft.type,
    source: `/${service}`,
    subject: `${draft.entity}/${draft.entityId}`,
    time,
    datacontenttype: "application/json",
    sequence: String(draft.version),
    region: draft.region,
    actor,
    ...(traceparent === undefined ? {} : { traceparent }),
    data: draft.data,
  });
}

/** The attributes alone: what the data is, the event's own schema says, and going through it twice would cost as much as all the rest. */
const Attributes = Envelope.extend({ data: z.unknown() });

export type ParsedEvent<D = EventDefinition> =
  | { ok: true; definition: D; envelope: Envelope; data: Record<string, unknown> }
  | { ok: false; pointer: string; message: string };

const wrong = (pointer: string, message: string): ParsedEvent<never> => ({ ok: false, pointer, message });

/** RFC 6901: `~` and `/` inside a name are escaped. */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

const firstIssue = ({ issues: [issue] }: z.ZodError, prefix = ""): ParsedEvent<never> =>
  wrong(prefix + pointerTo(issue?.path ?? []), issue?.message ?? "does not fit");

/**
 * Reads an event off the wire as a stranger's: envelope, then type, then that the attributes agree, then data. Fields this contract does not
 * know are accepted and left out of `data`, since a producer may be newer. The first thing wrong is named by a JSON pointer; a type or major
 * this contract does not know is wrong at `/type`. The message never repeats a value.
 * @param envelopeJson the parsed JSON, or its text
 */
export const parseEvent = (envelopeJson: unknown): ParsedEvent => parseWith(findEvent, envelopeJson);

/** Reads a private event, once its message is decrypted, in the same way. */
export const parsePrivateEvent = (envelopeJson: unknown): ParsedEvent<PrivateEventDefinition> =>
  parseWith(findPrivateEvent, envelopeJson);

function parseWith<D extends EventDefinition | PrivateEventDefinition>(
  find: (type: string) => D | undefined,
  envelopeJson: unknown,
): ParsedEvent<D> {
  let value = envelopeJson;
  if (typeof value === "string") {
    try {
      value = JSON.parse(value);
    } catch {
      return wrong("", "not JSON");
    }
  }
  const attributes = Attributes.safeParse(value);
  if (!attributes.success) return firstIssue(attributes.error);
  const { type, source, subject, data } = attributes.data;
  const definition = find(type);
  if (!definition) return wrong("/type", "no such event in this contract, or not in this major");
  if (source !== `/${definition.service}`) return wrong("/source", "not the department this type belongs to");
  if (!subject.startsWith(`${definition.entity}/`)) return wrong("/subject", "not the entity this type is about");
  const parsed = definition.schema.safeParse(data);
  if (!parsed.success) return firstIssue(parsed.error, "/data");
  // Safe: only an object fits an event's schema, so the data is one.
  return { ok: true, definition, envelope: attributes.data as Envelope, data: parsed.data };
}
