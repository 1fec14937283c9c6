import type { BusinessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { type PersonWork, workStateOn } from "./decide.ts";
import type { Returnee } from "./store.ts";

const scopes: Record<string, string> = { "in-county": "县内", "in-region": "区内县外", "outside-region": "区外", abroad: "境外" };

/** Where a member of a household stands with work today. */
export const WorkStateView = z.object({
  personId: z.string(),
  atWork: z.boolean(),
  scope: z.enum(["in-county", "in-region", "outside-region", "abroad"]).nullable().describe("Where, while at work"),
  channel: z.string().nullable().describe("How the work was found, while at work"),
  since: z.string().nullable(),
  lastUntil: z.string().nullable().describe("Last day of the last work, while not at work"),
  endedBecause: z.string().nullable(),
  returnee: z
    .object({ returnedOn: z.string(), epidemic: z.boolean(), wish: z.string().nullable(), stage: z.string() })
    .nullable()
    .describe("The newest file of a person who came back"),
});
export type WorkStateView = z.input<typeof WorkStateView>;

/** Members with their work; of whom employment has said nothing there is no entry. */
export function workStateViews(
  members: readonly { id: string }[],
  works: ReadonlyMap<string, PersonWork[]>,
  returnees: ReadonlyMap<string, Returnee[]>,
  today: BusinessDate,
): WorkStateView[] {
  return members.flatMap(({ id: personId }) => {
    const mine = works.get(personId);
    const [file] = returnees.get(personId) ?? [];
    if (!mine && !file) return [];
    const state = workStateOn(mine ?? [], today);
    return [
      {
        personId,
        ...{ scope: null, channel: null, since: null, lastUntil: null, endedBecause: null },
        ...state,
        returnee: file ? { returnedOn: file.returnedOn, epidemic: file.epidemic, wish: file.wish, stage: file.stage } : null,
      },
    ];
  });
}

/** The same in one line, as the file's sheet writes it. */
export const workWords = (view: WorkStateView): string => {
  if (view.atWork) return `${view.since}起在${scopes[view.scope ?? ""] ?? ""}务工`;
  return view.lastUntil === null ? "未务工" : `未务工,上次至${view.lastUntil}`;
};
