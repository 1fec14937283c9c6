import { readFileSync } from "node:fs";
import { findDivision } from "@shouwang/regions";
import { describe, expect, it } from "vitest";
import { allEvents, allPrivateEvents, jsonSchemaOf, keyOf } from "../index.ts";

const events = allEvents();
const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const rowsOf = (markdown: string) =>
  markdown
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe("EVENTS.md", () => {
  const [open, closed] = read("EVENTS.md").split("## Private events");

  it("lists exactly the public events that are declared, as they are declared", () => {
    const listed = rowsOf(open ?? "").map(([name, kind, key, , readers, clauses, meaning]) => [
      name,
      kind,
      key,
      readers,
      clauses,
      meaning,
    ]);
    const declared = events.map(({ name, about, ...event }) => [
      `\`${name}\``,
      about.kind,
      `\`${keyOf(event)}\``,
      about.readers.filter((reader) => reader !== "gateway" && reader !== "integrators").join(", ") || "–",
      about.clauses.join(", ") || "–",
      `${about.title.zh} · ${about.title.en}`,
    ]);
    expect(listed.sort()).toEqual(declared.sort());
  });

  it("lists exactly the private events that are declared", () => {
    const listed = rowsOf(closed ?? "").map(([name, , , entitled]) => `${name} ${entitled}`);
    expect(listed.sort()).toEqual(
      allPrivateEvents()
        .map(({ name, about }) => `\`${name}\` ${about.entitled.join(", ")}`)
        .sort(),
    );
  });
});

describe("GLOSSARY.md", () => {
  const markdown = read("GLOSSARY.md");
  const identifiers = new Set(
    markdown
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .flatMap((line) => [...line.matchAll(/`([a-z0-9-]+)`/g)].map(([, identifier]) => identifier)),
  );

  it.each([...new Set([...events, ...allPrivateEvents()].map(({ entity }) => entity))])("knows the entity %s", (entity) => {
    expect(identifiers).toContain(entity);
  });

  it("gives each identifier one meaning", () => {
    const stems = markdown
      .split("\n")
      .filter((line) => /^\| .*\| `/.test(line))
      .flatMap((line) => [...line.replace(/\|[^|]*\|$/, "").matchAll(/`([a-z0-9-]+)`/g)].map(([, identifier]) => identifier));
    expect(stems.filter((identifier, at) => stems.indexOf(identifier) !== at)).toEqual([]);
  });
});

describe.each(events.map((event) => [event.type, event] as const))("%s", (_type, event) => {
  it("is open to the gateway and to integrators, and not read by its own department", () => {
    expect(event.about.readers).toEqual(expect.arrayContaining(["gateway", "integrators"]));
    expect(event.about.readers).not.toContain(event.service);
  });

  it("names its clauses, unless it serves all alike, and its title in both languages", () => {
    const servesAll = ["audit", "deadline", "import", "indicator", "parameter"].includes(event.entity);
    expect(event.about.clauses.length > 0).toBe(!servesAll);
    for (const clause of event.about.clauses) expect(clause).toMatch(/^[GMEIFCS]-\d{2}[a-c]?$/);
    expect(event.about.title.zh).toMatch(/\p{Script=Han}/u);
    expect(event.about.title.en).toMatch(/^[A-Z]/);
  });

  it("has the entity's id as its first field, and makes a draft of its example", () => {
    const example: Record<string, unknown> = event.about.example;
    const id = String(example[keyOf(event)]);
    expect(event.schema.shape[keyOf(event)].safeParse(id).success).toBe(true);
    expect(jsonSchemaOf(event.schema)).toMatchObject({ properties: { [keyOf(event)]: { format: "uuid" } } });
    expect(event.of(id, 1, "451228101201", example)).toMatchObject({ type: event.type, entityId: id, data: example });
  });

  it("refuses a field its schema does not know", () => {
    expect(() => event.of("x", 1, "451228101201", { ...event.about.example, nickname: "x" })).toThrow();
  });
});

describe("events of one entity", () => {
  const byEntity = Map.groupBy(events, ({ service, entity }) => `${service}.${entity}`);
  it.each([...byEntity])("%s: one schema and one kind, so that a mirror can read any of them", (_entity, of) => {
    expect(new Set(of.map(({ schema }) => schema)).size).toBe(1);
    expect(new Set(of.map(({ about }) => about.kind)).size).toBe(1);
  });
});

describe("regions in examples", () => {
  it("are divisions there are", () => {
    const found = JSON.stringify(events.map(({ about }) => about.example)).match(/"\d{12}"/g) ?? [];
    expect(found.length).toBeGreaterThan(100);
    for (const code of new Set(found)) expect(findDivision(code.slice(1, -1)), code).toBeDefined();
  });
});

describe("private events", () => {
  it.each(allPrivateEvents().map((event) => [event.type, event] as const))(
    "%s is entitled to others only and has no namesake in public",
    (type, event) => {
      expect(event.about.entitled).not.toContain(event.service);
      expect(events.map((open) => open.type)).not.toContain(type);
    },
  );
});
