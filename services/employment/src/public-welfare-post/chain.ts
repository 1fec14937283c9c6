import { reviewChain, type StepRefusal, type Tx, takeStep } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { Post } from "./decide.ts";

/** Terms of a post are proposed by the township and confirmed by the county, each time by two people. */
const postChain = reviewChain("public-welfare-post", [
  { step: "plan", roles: ["township-officer"], begins: true, decides: true },
  { step: "county-confirmation", roles: ["county-officer", "department-officer"], decides: true },
]);
type Step = (typeof postChain)["steps"][number]["step"];

/** @param n which terms of the post: each go through the offices of their own */
export const takePostStep = <S extends Step>(
  tx: Tx<DB>,
  post: Pick<Post, "id" | "region">,
  n: number,
  step: S,
  given: Parameters<typeof takeStep>[4],
): Promise<StepRefusal<typeof postChain.steps, S> | undefined> =>
  takeStep(tx, postChain, { entity: "public-welfare-post", entityId: post.id, region: post.region, round: n }, step, given);
