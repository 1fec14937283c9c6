import { allEvents, type Bilingual, type EventDefinition, type EventKind } from "@shouwang/contract";
import { html, raw } from "hono/html";
import { z } from "zod";
import type { Departments } from "../departments.ts";
import { both, type Frame, type Html } from "./frame.ts";

const kinds: Record<EventKind, Bilingual> = {
  state: { zh: "状态", en: "state" },
  fact: { zh: "事实", en: "fact" },
};

/** Every event of the contract on one page: what it says, where it is published, its fields and a worked example. Rendered once: it is long. */
export function eventsPage(frame: Frame, departments: Departments): () => Promise<Response> {
  let content: Html | undefined;
  return async () => {
    content ??= raw(String(await render(departments)));
    return await frame({ title: { zh: "事件", en: "Events" }, content });
  };
}

function render(departments: Departments): Html {
  const events = allEvents();
  const groups = departments.all
    .map((office) => ({ ...office, events: events.filter(({ service }) => service === office.service) }))
    .filter((group) => group.events.length > 0);
  return html`
<h1>${both({ zh: `事件 ${events.length} 种`, en: `${events.length} events` })}</h1>
<p>结构化 CloudEvents 1.0，主题以地市和县代码结尾；至少送达一次，同一实体按版本有序。
<span class="en" lang="en">Structured CloudEvents 1.0. Subjects end in the codes of city and county. Delivered at least once, in version order for each entity.</span></p>
<p class="en" lang="en"><b>state</b>: the entity's whole public state after the change; drop a version older than the one you have. <b>fact</b>: something that happened, under its own id.</p>
<nav class="parts" aria-label="部门 Departments">${groups.map(({ service, title, events: own }) => html`<a href="#${service}">${title.zh} <b>${own.length}</b></a>`)}</nav>
${groups.map(
  ({ service, title, events: own }) =>
    html`<section class="part" aria-labelledby="${service}"><h2 id="${service}">${both(title)} <span class="count">${own.length}</span></h2>${own.map(eventEntry)}</section>`,
)}`;
}

function eventEntry(event: EventDefinition): Html {
  const { title, kind, clauses, readers, example } = event.about;
  return html`<article class="event" id="${event.type}">
<h3>${both(title)} <span class="chip" data-chip="${kind}">${both(kinds[kind])}</span></h3>
<p><code>${event.type}</code></p>
<details><summary>字段与示例 <span class="en" lang="en">Fields and example</span></summary>
<dl>
<dt>主题 <span class="en" lang="en">Subject</span></dt><dd><code>sw.evt.${event.type}.&lt;city&gt;.&lt;county&gt;</code></dd>
<dt>读者 <span class="en" lang="en">Readers</span></dt><dd>${readers.join(", ")}</dd>
${clauses.length === 0 ? "" : html`<dt>条款 <span class="en" lang="en">Clauses</span></dt><dd>${clauses.map((clause) => html`<a href="/#${clause}">${clause}</a> `)}</dd>`}
</dl>
<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">字段 <span lang="en">field</span></th><th scope="col">类型 <span lang="en">type</span></th><th scope="col">含义 <span lang="en">meaning</span></th></tr></thead>
<tbody>${fieldsOf(event.schema).map(({ name, type, meaning }) => html`<tr><th scope="row"><code>${name}</code></th><td>${type}</td><td>${meaning}</td></tr>`)}</tbody>
</table></div>
<pre tabindex="0"><code>${JSON.stringify(example, null, 2)}</code></pre>
</details>
</article>`;
}

const Described = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

/** The fields of an event's data, those of an inner object under their path; `?` marks one that may be left out. */
function fieldsOf(schema: z.ZodObject): { name: string; type: string; meaning: string }[] {
  const rows = (node: unknown, prefix: string): { name: string; type: string; meaning: string }[] => {
    const { properties = {}, required = [] } = Described.parse(node);
    return Object.entries(properties).flatMap(([key, value]) => {
      const field = Described.parse(value);
      const name = `${prefix}${key}${required.includes(key) ? "" : "?"}`;
      return [{ name, type: typeOf(value), meaning: field.description ?? "" }, ...rows(field, `${prefix}${key}.`)];
    });
  };
  return rows(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), "");
}

function typeOf(node: unknown): string {
  const schema = Described.parse(node ?? {});
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.const !== undefined) return String(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  if (schema.type === "array") return `${typeOf(schema.items)}[]`;
  return [schema.type ?? "any", schema.format ?? ""].flat().filter(Boolean).join(" ");
}
