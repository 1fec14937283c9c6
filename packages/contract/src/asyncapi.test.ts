import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { allEvents, allPrivateEvents, asyncApiDocument, exampleEnvelope, jsonSchemaOf } from "./index.ts";

const committed = readFileSync(new URL("../asyncapi.json", import.meta.url), "utf8");

describe("asyncapi.json", () => {
  it("is the document made from the declarations (else: npm run asyncapi -w @shouwang/contract)", () => {
    expect(JSON.parse(committed)).toEqual(asyncApiDocument());
  });

  it("is a valid AsyncAPI document", { timeout: 60_000 }, async () => {
    const { document, diagnostics } = await new Parser().parse(committed);
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(document?.allChannels().length).toBe(allEvents().length);
    expect(document?.allOperations().length).toBe(allEvents().length);
  });

  it("says nothing of private events", () => {
    for (const { type } of allPrivateEvents()) expect(committed).not.toContain(type);
  });
});

describe("asyncApiDocument", () => {
  it("names the server it is served for", () => {
    expect(asyncApiDocument({ serverHost: "bus.example.org:4222" })).toMatchObject({
      servers: { bus: { host: "bus.example.org:4222" } },
    });
  });
});

describe("JSON Schema", () => {
  const ajv = addFormats.default(new Ajv({ strict: false }));
  it.each(allEvents().map((event) => [event.type, event] as const))(
    "%s: the example fits, also with a field more, and not with one less",
    (_type, event) => {
      const fits = ajv.compile(jsonSchemaOf(event.schema));
      const { data } = exampleEnvelope(event);
      expect([fits(data), fits.errors]).toEqual([true, null]);
      expect(fits({ ...data, added: true })).toBe(true);
      const [first = "", ...others] = Object.keys(data);
      expect(others.length).toBeGreaterThan(0);
      expect(fits({ ...data, [first]: undefined })).toBe(false);
    },
  );
});
