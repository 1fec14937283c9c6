import { expect } from "vitest";
import { type Office, village } from "./office.testing.ts";
import { tellHousehold } from "./people.testing.ts";

type Answer = { status: number; json: Record<string, unknown> };
const ok = ({ status, json }: Answer): Record<string, unknown> => {
  expect(status, JSON.stringify(json)).toBeLessThan(300);
  return json;
};
/** Offices of a village and of those above it. */
export const officesOf = (office: Office, place = village) => ({
  village: () => office.as("village-officer", place),
  township: () => office.as("township-officer", place.slice(0, 9)),
  county: () => office.as("county-officer", place.slice(0, 6)),
});

/** An open post of the test's village, with a full month of 22 days. @returns its id */
export async function anOpenPost(office: Office, more: Record<string, unknown> = {}, place = village): Promise<string> {
  const { township, county } = officesOf(office, place);
  const planned = await township().post("/public-welfare-posts", {
    ...{ region: place, kind: "cleaning", mode: "monthly", source: "bridging-fund-county", headcount: 2, rateFen: 80_000 },
    ...{ unitsPerMonth: 22, from: "2022-01-01", title: "村道保洁员", place: "韦家屯", ...more },
  });
  const path = `/public-welfare-posts/${ok(planned)["postId"]}`;
  ok(await county().post(`${path}/confirmation`, { confirmed: true, document: "都人社发〔2022〕12号" }));
  ok(await township().post(`${path}/opening`, {}));
  return path.split("/").at(-1) ?? "";
}

/** Somebody new who applies for a post. */
export async function anApplicant(
  office: Office,
  postId: string,
  more: Parameters<typeof tellHousehold>[1] = {},
  ground = "cannot-leave",
) {
  const told = await tellHousehold(office, more);
  const place = more.household?.region ?? village;
  const { personId } = told.member;
  const applied = ok(await officesOf(office, place).village().post("/post-holders", { postId, personId, ground }));
  return { ...told, personId, place, path: `/post-holders/${applied["postHolderId"]}`, applied };
}

/** An applicant whose posting has run: reviewed, posted, and put up for its days, which the clock moves on by. */
export async function posted(office: Office, path: string, place = village): Promise<void> {
  const { village: inVillage } = officesOf(office, place);
  const review = { heldOn: office.today(), attendees: 30, votesFor: 28, votesAgainst: 1 };
  ok(await inVillage().post(`${path}/village-review`, review));
  ok(await inVillage().post(`${path}/posting`, { supervisionPhone: "0778-12345" }));
}

export const agreement = { agreementNo: "都岗〔2022〕8号", from: "2022-08-01", until: "2023-07-31", insurance: "accident" };
/** Approves and signs those whose posting has run: they are at the post. */
export async function atPost(office: Office, path: string, more: Record<string, unknown> = {}, place = village): Promise<void> {
  const { township } = officesOf(office, place);
  ok(await township().post(`${path}/township-approval`, { approved: true, priorityReason: "other" }));
  ok(await township().post(`${path}/agreement`, { ...agreement, ...more }));
}
