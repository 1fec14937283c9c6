import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  auditHmac,
  blindIndex,
  loadKeys,
  nameSearchTokens,
  nameTokens,
  needsRotation,
  openFile,
  openRecord,
  PersonalDataError,
  parseKeys,
  sealedKeyId,
  sealFile,
  sealRecord,
  wholeNameToken,
} from "./personal-data.ts";

const key = () => randomBytes(32).toString("base64");
const file = { current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() };
const keys = parseKeys(JSON.stringify(file));
const rotated = parseKeys(JSON.stringify({ ...file, current: "k2", keys: { ...file.keys, k2: key() } }));
const strangers = parseKeys(JSON.stringify({ ...file, keys: { k1: key() }, indexKey: key(), auditKey: key() }));
const Person = z.object({ name: z.string(), identityNumber: z.string() });
const place = { table: "monitoring.person", id: "p1" };
const person = { name: "覃明", identityNumber: "451024197503050016" };

/** The failure, after looking that nothing of the person or the sealed bytes is in anything it shows. */
function failureOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(PersonalDataError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/覃明|451024/);
    return error instanceof PersonalDataError ? error.code : undefined;
  }
}

describe("a sealed record", () => {
  test("opens to what was sealed, for any text", () => {
    fc.assert(
      fc.property(
        fc.record({ name: fc.string({ unit: "grapheme" }), identityNumber: fc.string() }),
        fc.string(),
        fc.string(),
        (record, table, id) => {
          expect(openRecord(keys, { table, id }, sealRecord(keys, { table, id }, record), Person)).toEqual(record);
        },
      ),
    );
  });

  test("is never the same twice and shows nothing in clear but version and key id", () => {
    const sealed = sealRecord(keys, place, person);
    expect(sealed.equals(sealRecord(keys, place, person))).toBe(false);
    expect(sealed.subarray(0, 4)).toEqual(Buffer.from([1, 2, 0x6b, 0x31]));
    expect(sealed.includes("451024")).toBe(false);
  });

  test.each([
    ["another row", { ...place, id: "p2" }],
    ["another table", { ...place, table: "employment.person" }],
    ["a row whose table and id only run together alike", { table: "monitoring.perso", id: "np1" }],
  ])("does not open in %s", (_name, elsewhere) => {
    const sealed = sealRecord(keys, place, person);
    expect(failureOf(() => openRecord(keys, elsewhere, sealed, Person))).toBe("not-authentic");
  });

  test("does not open with any one bit changed", () => {
    const sealed = sealRecord(keys, place, person);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const tampered = Buffer.from(sealed);
        tampered[at] = (tampered[at] ?? 0) ^ (1 << bit);
        expect(failureOf(() => openRecord(rotated, place, tampered, Person))).toMatch(/sealed-form|unknown-key|not-authentic/);
      }),
      { numRuns: 500 },
    );
  });

  test("does not open when cut short anywhere", () => {
    const sealed = sealRecord(keys, place, person);
    for (let length = 0; length < sealed.length; length++) {
      expect(failureOf(() => openRecord(keys, place, sealed.subarray(0, length), Person))).toMatch(/sealed-form|not-authentic/);
    }
  });

  test("does not open under a key of the same id with other bytes, nor as a file", () => {
    const sealed = sealRecord(keys, place, person);
    expect(failureOf(() => openRecord(strangers, place, sealed, Person))).toBe("not-authentic");
    expect(failureOf(() => openFile(keys, "p1", sealed))).toBe("not-authentic");
  });

  test("of another shape is refused without its content", () => {
    const sealed = sealRecord(keys, place, person);
    expect(failureOf(() => openRecord(keys, place, sealed, z.object({ name: z.literal("x") })))).toBe("record-shape");
  });

  test("stays readable after the current key changed, asks for rotation, and is unknown where the key is missing", () => {
    const old = sealRecord(keys, place, person);
    expect(openRecord(rotated, place, old, Person)).toEqual(person);
    expect([sealedKeyId(old), needsRotation(keys, old), needsRotation(rotated, old)]).toEqual(["k1", false, true]);
    const renewed = sealRecord(rotated, place, openRecord(rotated, place, old, Person));
    expect([sealedKeyId(renewed), needsRotation(rotated, renewed)]).toEqual(["k2", false]);
    expect(failureOf(() => openRecord(keys, place, renewed, Person))).toBe("unknown-key");
  });
});

test("a sealed file opens under its own id only", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const content = Buffer.from(bytes);
      const sealed = sealFile(keys, "f1", content);
      expect(openFile(keys, "f1", sealed).equals(content)).toBe(true);
      expect(failureOf(() => openFile(keys, "f2", sealed))).toBe("not-authentic");
    }),
  );
});

describe("fingerprints", () => {
  test("are 32 bytes, equal for equal values, and differ by value, kind and key", () => {
    const index = blindIndex(keys, "identity-number", "451024197503050016");
    expect(index.length).toBe(32);
    expect(index).toEqual(blindIndex(rotated, "identity-number", "451024197503050016"));
    expect(index).not.toEqual(blindIndex(keys, "identity-number", "451024197503050024"));
    expect(index).not.toEqual(blindIndex(keys, "phone", "451024197503050016"));
    expect(index).not.toEqual(blindIndex(strangers, "identity-number", "451024197503050016"));
  });

  test("of the audit trail share nothing with the index", () => {
    expect(auditHmac(keys, "451024197503050016")).toMatch(/^[\w-]{43}$/);
    expect(auditHmac(keys, "a")).not.toBe(auditHmac(keys, "b"));
    expect(auditHmac(keys, "a")).not.toBe(auditHmac(strangers, "a"));
    expect(auditHmac(keys, "a")).not.toBe(blindIndex(keys, "audit", "a").toString("base64url"));
  });
});

describe("searching encrypted names", () => {
  const finds = (typed: string, name: string) => {
    const wanted = nameSearchTokens(keys, typed).map((token) => token.toString("hex"));
    const held = new Set(nameTokens(keys, name).map((token) => token.toString("hex")));
    return wanted.length > 0 && wanted.every((token) => held.has(token));
  };

  test.each([
    ["韦", "韦小明", true],
    ["小", "韦小明", false],
    ["韦小", "韦小明", true],
    ["小明", "韦小明", true],
    ["韦小明", "韦小明", true],
    ["韦 小明", "韦小明", true],
    ["韦明", "韦小明", false],
    ["韦小明华", "韦小明", false],
    ["欧阳", "欧阳小明", true],
    ["欧", "欧阳小明", false],
    ["", "韦小明", false],
    [" ", "韦小明", false],
  ])("%j finds %s: %s", (typed, name, found) => expect(finds(typed, name)).toBe(found));

  test("every piece of two or more characters of a name finds it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."韦覃黄明小华𠮷"), minLength: 2, maxLength: 6 }),
        fc.nat(4),
        (name, from) => {
          const characters = [...name];
          const piece = characters.slice(Math.min(from, characters.length - 2)).join("");
          expect(finds(piece, name)).toBe(true);
        },
      ),
    );
  });

  test("the whole name's token is held by that name only", () => {
    const held = nameTokens(keys, "韦小明").some((token) => token.equals(wholeNameToken(keys, " 韦小明")));
    const other = nameTokens(keys, "韦小明华").some((token) => token.equals(wholeNameToken(keys, "韦小明")));
    expect([held, other]).toEqual([true, false]);
  });

  test("tokens come distinct and sorted, so their order says nothing", () => {
    const tokens = nameTokens(keys, "明明明明").map((token) => token.toString("hex"));
    expect(tokens).toEqual([...new Set(tokens)].sort());
    expect(tokens).toHaveLength(3);
  });
});

describe("key files", () => {
  test("are read from disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "keys-"));
    try {
      await writeFile(join(folder, "keys.json"), JSON.stringify(file));
      const loaded = await loadKeys(join(folder, "keys.json"));
      expect(openRecord(loaded, place, sealRecord(keys, place, person), Person)).toEqual(person);
      await expect(loadKeys(join(folder, "none.json"))).rejects.toThrow("ENOENT");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ["no JSON", `{ "current": "451024`],
    ["a current key that is not there", JSON.stringify({ ...file, current: "k2" })],
    ["a current key by an inherited name", JSON.stringify({ ...file, current: "constructor" })],
    ["a short key", JSON.stringify({ ...file, auditKey: randomBytes(16).toString("base64") })],
    ["the audit key used for the index as well", JSON.stringify({ ...file, auditKey: file.indexKey })],
    ["a key id of another alphabet", JSON.stringify({ ...file, keys: { ...file.keys, "K 2": key() } })],
    ["an unknown field", JSON.stringify({ ...file, extra: 1 })],
  ])("with %s are refused without a word of them", (_name, json) => {
    expect(failureOf(() => parseKeys(json))).toBe("keys-unreadable");
  });

  test("once loaded show no key when printed", () => {
    const shown = inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys);
    for (const secret of [file.keys.k1, file.indexKey, file.auditKey]) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(Buffer.from(secret, "base64").toString("hex"));
    }
  });
});
