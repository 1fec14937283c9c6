import { ReferredDepartment } from "@shouwang/contract";
import { toRegionCode } from "@shouwang/regions";
import { actorOf, everyone } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query } from "../kit.ts";
import { departments } from "./code-lists.ts";
import { type Contact, findContact, listContacts, replaceContact } from "./contact-store.ts";

const ContactView = z.object({
  region: z.string().describe("County"),
  department: ReferredDepartment,
  title: z.object({ zh: z.string(), en: z.string() }),
  office: z.string(),
  from: z.string(),
});
const contactView = (contact: Contact): z.input<typeof ContactView> => ({ ...contact, title: departments[contact.department] });

export const setContact = command(
  {
    method: "post",
    operation: "set-referral-contact",
    path: "/referral-contacts",
    summary: { zh: "登记部门转介承办单位", en: "Name the office that takes referrals at a county's department" },
    clauses: ["M-03"],
    allow: ["county-officer"],
    body: z.object({
      department: ReferredDepartment,
      office: z.string().trim().min(4).max(60).describe("Name of the office; nobody's own name"),
    }),
    reply: ContactView,
    problems: [],
  },
  async ({ tx, body, actor, now, today }) => {
    const contact = { ...body, region: toRegionCode(actor.region.slice(0, 6)), from: today };
    const before = await findContact(tx, contact.region, contact.department);
    if (before?.office !== contact.office) await replaceContact(tx, contact, { by: actorOf(actor), at: now });
    const { department, region } = contact;
    const audit = { action: "set-referral-contact", entity: "referral-contact", entityId: department, region, clause: "M-03" };
    return { reply: contactView(contact), audit: [{ ...audit, changed: body }] };
  },
);

export const listContactsRoute = query(
  {
    operation: "list-referral-contacts",
    path: "/referral-contacts",
    summary: { zh: "部门转介承办单位", en: "Who takes referrals at which department" },
    clauses: ["M-03"],
    allow: everyone,
    reply: z.object({ items: z.array(ContactView) }),
    problems: [],
  },
  async ({ tx }) => ({ reply: { items: (await listContacts(tx)).map(contactView) } }),
);
