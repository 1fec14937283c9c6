import { randomUUID } from "node:crypto";
import { textOf } from "@shouwang/service-kit/testing/photograph";
import { expect } from "vitest";
import type { Office, Reply } from "../office.testing.ts";

export type Printed = { formId: string; code: string; pdf: Buffer; text: string };
type Person = ReturnType<Office["as"]>;

/** Prints a form and fetches its paper. */
export async function printed(
  person: Person,
  body: Record<string, unknown>,
  path: "/forms" | "/forms/clear" = "/forms",
): Promise<Printed> {
  const reply = await person.post(path, { purpose: "入户签字确认", ...body });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  const formId = String(reply.json["formId"]);
  const paper = await person.send(`/forms/${formId}/paper`, {});
  expect(paper.headers.get("content-type")).toBe("application/pdf");
  const pdf = Buffer.from(await paper.arrayBuffer());
  const text = await textOf(pdf);
  return { formId, code: String(reply.json["code"]), pdf, text };
}

/** Sends a scan back, by its QR or under the code typed by hand. */
export async function sendBack(
  person: Person,
  content: Buffer,
  fields: { signedOn: string; householdId?: string },
  code?: string,
): Promise<Reply> {
  const form = new FormData();
  form.set("file", new Blob([new Uint8Array(content)]), "IMG_韦大明.jpg");
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  const response = await person.send(code === undefined ? "/form-returns" : `/form-returns/${code}`, {
    method: "POST",
    headers: { "idempotency-key": randomUUID() },
    body: form,
  });
  return { status: response.status, json: Object(await response.json()), headers: response.headers };
}
