import { HouseholdId, refuse } from "@shouwang/contract";
import { everyone, formsOf } from "@shouwang/service-kit";
import { z } from "zod";
import { findHousehold } from "../household/store.ts";
import { query, slice } from "../kit.ts";
import { printVillageForms, villageForms } from "./batch.ts";
import { downloadPaper, printFormInClear, printFormRoute } from "./print.ts";
import { downloadScan, returnForm, returnFormByCode } from "./return.ts";
import { FormView, formView } from "./views.ts";

const listForms = query(
  {
    operation: "list-forms",
    path: "/households/{householdId}/forms",
    summary: { zh: "该户打印和签字的表", en: "Forms printed for a household, and which came back signed" },
    clauses: ["M-04b"],
    allow: everyone,
    params: z.object({ householdId: HouseholdId }),
    reply: z.object({ items: z.array(FormView) }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    return { reply: { items: (await formsOf(tx, params.householdId)).map(formView) } };
  },
);

/** Forms that are printed, signed by hand and sent back by their QR. */
export const printedFormSlice = slice({
  name: "printed-form",
  title: { zh: "打印签字表", en: "Printed forms" },
  routes: [
    printFormRoute,
    printFormInClear,
    downloadPaper,
    returnForm,
    returnFormByCode,
    downloadScan,
    listForms,
    printVillageForms,
  ],
  jobs: [villageForms],
});
