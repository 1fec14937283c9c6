import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allEvents, cloudEvent, exampleEnvelope, HouseholdChanged, parseEvent, subjectOf } from "./index.ts";

const envelope = exampleEnvelope(HouseholdChanged);
const { householdKind: _, ...withoutKind } = envelope.data;

describe("cloudEvent", () => {
  it("puts a draft into a structured CloudEvent", () => {
    const id = "01825a10-7c00-7000-8000-0000000000ff";
    const draft = HouseholdChanged.of(String(envelope.data["householdId"]), 7, "451228101201", HouseholdChanged.about.example);
    const made = cloudEvent(draft, {
      id,
      time: "2022-08-01T22:00:00+08:00",
      actor: "https://login.example|7d1f0a52-6a0e-4c1b-9b57-2f6c1e0d9a11",
    });
    expect(made).toEqual({
      specversion: "1.0",
      id,
      type: "monitoring.household.changed.v1",
      source: "/monitoring",
      subject: `household/${envelope.data["householdId"]}`,
      time: "2022-08-01T22:00:00+08:00",
      datacontenttype: "application/json",
      sequence: "7",
      region: "451228101201",
      actor: "https://login.example|7d1f0a52-6a0e-4c1b-9b57-2f6c1e0d9a11",
      data: HouseholdChanged.about.example,
    });
    expect(subjectOf(made.type, made.region)).toBe("sw.evt.monitoring.household.changed.v1.4512.451228");
  });

  it("carries the trace when there is one, and no empty attribute when there is none", () => {
    expect(envelope.traceparent).toMatch(/^00-/);
    const { traceparent: _trace, ...happening } = envelope;
    const draft = HouseholdChanged.of("x", 1, "451228101201", HouseholdChanged.about.example);
    expect(cloudEvent(draft, { ...happening, traceparent: undefined })).not.toHaveProperty("traceparent");
  });

  it("refuses an id that is no UUIDv7", () => {
    const draft = HouseholdChanged.of("x", 1, "451228101201", HouseholdChanged.about.example);
    expect(() => cloudEvent(draft, { ...envelope, id: "4f4f3c1e-0000-4000-8000-000000000000" })).toThrow();
  });
});

describe("parseEvent", () => {
  it.each(allEvents().map((event) => [event.type, event] as const))("reads back %s", (_type, event) => {
    const made = exampleEnvelope(event);
    expect(parseEvent(JSON.stringify(made))).toEqual({ ok: true, definition: event, envelope: made, data: event.about.example });
  });

  it.each(allEvents().map((event) => [event.type, event] as const))("names the field that is missing from %s", (_type, event) => {
    const made = exampleEnvelope(event);
    for (const field of Object.keys(event.schema.shape)) {
      const { [field]: _gone, ...rest } = made.data;
      expect(parseEvent({ ...made, data: rest })).toMatchObject({ ok: false, pointer: `/data/${field}` });
    }
  });

  it("answers, and never throws, whatever JSON comes, alone or in an attribute's place", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(envelope)), (value, attribute) => {
        expect(parseEvent(value).ok).toBe(false);
        const parsed = parseEvent({ ...envelope, [attribute]: value });
        if (!parsed.ok) expect(parsed.pointer === "" || parsed.pointer.startsWith("/")).toBe(true);
      }),
    );
  });

  it("accepts and leaves out what a newer producer added, in data, deep inside and beside", () => {
    const newer = {
      ...envelope,
      partitionkey: "x",
      data: { ...envelope.data, wealth: 1, guarantees: { ...HouseholdChanged.about.example.guarantees, electricity: true } },
    };
    expect(parseEvent(newer)).toMatchObject({ ok: true, data: HouseholdChanged.about.example });
    const parsed = parseEvent(newer);
    expect(parsed.ok && parsed.data).toEqual(HouseholdChanged.about.example);
  });

  it.each([
    ["text that is no JSON", "{", ""],
    ["null", null, ""],
    ["an unknown type", { ...envelope, type: "monitoring.household.renamed.v1" }, "/type"],
    ["an unknown major", { ...envelope, type: "monitoring.household.changed.v2" }, "/type"],
    ["a type without a major", { ...envelope, type: "monitoring.household.changed" }, "/type"],
    ["a missing id", { ...envelope, id: undefined }, "/id"],
    ["another version of CloudEvents", { ...envelope, specversion: "0.3" }, "/specversion"],
    ["a time without a zone", { ...envelope, time: "2022-08-01T22:00:00" }, "/time"],
    ["a sequence that is a number", { ...envelope, sequence: 7 }, "/sequence"],
    ["another department's source", { ...envelope, source: "/funds" }, "/source"],
    ["another entity's subject", { ...envelope, subject: "person/01825a10-7c00-7000-8000-000000000003" }, "/subject"],
    ["a region of six digits", { ...envelope, region: "451228" }, "/region"],
    ["data that is a list", { ...envelope, data: [] }, "/data"],
    ["a missing field", { ...envelope, data: withoutKind }, "/data/householdKind"],
    ["a field of the wrong type", { ...envelope, data: { ...envelope.data, headcount: "4" } }, "/data/headcount"],
    ["a value not on the list", { ...envelope, data: { ...envelope.data, status: "gone" } }, "/data/status"],
    [
      "a wrong field deep inside",
      { ...envelope, data: { ...envelope.data, guarantees: { schooling: 1 } } },
      "/data/guarantees/schooling",
    ],
  ])("names what is wrong: %s", (_what, value, pointer) => {
    expect(parseEvent(value)).toMatchObject({ ok: false, pointer, message: expect.any(String) });
  });

  it("never repeats a value in its message", () => {
    const parsed = parseEvent({ ...envelope, data: { ...envelope.data, householdId: "000000190001010008" } });
    expect(JSON.stringify(parsed)).not.toContain("000000190001010008");
  });
});
