import {
  Bilingual,
  EmploymentPersonResyncRequested,
  FundsPersonResyncRequested,
  IndustryPersonResyncRequested,
  PersonId,
  PersonIdentityRecorded,
  PersonPayeeAccountRecorded,
  PersonPhoneRecorded,
  Refusal,
  refuse,
  SocialPersonResyncRequested,
} from "@shouwang/contract";
import { maskAccount } from "@shouwang/service-kit";
import { z } from "zod";
import { command, privateReader, privateState, slice } from "../kit.ts";
import { registrars } from "./entry.ts";
import { checkPayee } from "./payee-decide.ts";
import { identitiesOf, lockPayee, memberNames, owePersonAgain, payeesOf, phonesOf, savePayee } from "./told-store.ts";

const recordPayeeAccount = command(
  {
    method: "put",
    operation: "record-payee-account",
    path: "/persons/{personId}/payee-account",
    summary: { zh: "登记收款账户(加密,只告知资金部门)", en: "Record where a person is paid: sealed, told to funds alone" },
    clauses: ["E-02", "E-09", "I-07"],
    allow: registrars,
    params: z.object({ personId: PersonId }),
    body: z.object({
      account: z.string().max(40),
      holder: z.string().trim().min(2).max(60).describe("Name on the account"),
      byProxy: z.boolean().default(false).describe("Another member of the household is paid, with a written proxy"),
    }),
    reply: z.object({
      personId: z.string(),
      account: z.string().describe("Masked: the last four digits"),
      byProxy: z.boolean(),
      note: Bilingual.nullable(),
    }),
    problems: ["not-found", "invalid-input"],
  },
  async ({ tx, params, body, keys }) => {
    const person = await lockPayee(tx, keys, params.personId);
    if (!person || person.householdId === null) return refuse("not-found");
    const payee = checkPayee(body, person, await memberNames(tx, keys, person.householdId));
    if (payee instanceof Refusal) return payee;
    const { note, ...account } = payee;
    const mask = maskAccount(account.account);
    await savePayee(tx, keys, person, account, mask);
    return {
      reply: { personId: person.id, account: mask, byProxy: account.byProxy, note },
      audit: [
        {
          action: "record-payee-account",
          entity: "person",
          entityId: person.id,
          region: person.region,
          clause: "E-02",
          changed: { account: account.account, holder: account.holder, byProxy: account.byProxy },
        },
      ],
    };
  },
);

const resyncs = [
  EmploymentPersonResyncRequested,
  IndustryPersonResyncRequested,
  FundsPersonResyncRequested,
  SocialPersonResyncRequested,
].map((event) =>
  privateReader({
    name: `person-resync-of-${event.service}`,
    events: [event],
    apply: async (tx, { data }) => {
      await owePersonAgain(tx, event.schema.parse(data).personId);
      return [];
    },
  }),
);

/** What monitoring tells the departments entitled to it: who a person is, how to reach them, where they are paid. */
export const toldSlice = slice({
  name: "told-privately",
  title: { zh: "告知其他部门的人员信息", en: "What other departments are told of people" },
  routes: [recordPayeeAccount],
  privateStates: [
    privateState(PersonIdentityRecorded, identitiesOf),
    privateState(PersonPhoneRecorded, phonesOf),
    privateState(PersonPayeeAccountRecorded, payeesOf),
  ],
  readers: resyncs,
});
