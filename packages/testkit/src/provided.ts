import type { JWK } from "jose";
import { inject } from "vitest";

/** What the run's setup started and hands to every worker. */
export type Provided = {
  /** The shared PostgreSQL as superuser. */
  adminUrl: string;
  /** The password of every role a test creates. */
  rolePassword: string;
  /** The shared nats-server. */
  natsUrl: string;
  issuer: string;
  jwksUrl: string;
  signingKey: JWK;
  /** A folder that is deleted when the run ends. */
  folder: string;
};

declare module "vitest" {
  interface ProvidedContext {
    shouwang: Provided;
  }
}

/** The addresses of this run, or a plain word about what is missing. */
export function provided(): Provided {
  const found: Provided | undefined = inject("shouwang");
  if (!found)
    throw new Error("Nothing was started: the vitest configuration does not name packages/testkit/src/global-setup.ts.");
  return found;
}
