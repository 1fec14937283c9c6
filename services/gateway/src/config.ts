import { limitSetting } from "@shouwang/service-kit";
import { z } from "zod";

/** `monitoring=http://monitoring:3000,employment=…`: where each connected department's service answers. */
const Upstreams = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((pair) => pair.trim())
      .filter((pair) => pair !== "")
      .map((pair) => ({ service: pair.slice(0, pair.indexOf("=")).trim(), origin: pair.slice(pair.indexOf("=") + 1).trim() })),
  )
  .pipe(
    z
      .array(z.object({ service: z.string().regex(/^[a-z][a-z-]{1,30}$/), origin: z.string().regex(/^https?:\/\/[^/?#@]+\/?$/) }))
      .refine((list) => new Set(list.map(({ service }) => service)).size === list.length)
      // A service of such a name would hide the gateway's own routes.
      .refine((list) => list.every(({ service }) => !["plan", "todo", "households"].includes(service))),
  );

const Config = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  HOST: z.string().default("0.0.0.0"),
  UPSTREAMS: Upstreams,
  /** Requests one department may have running at once; more are answered 503 at once. */
  UPSTREAM_LIMIT: z.coerce.number().int().min(1).max(10_000).default(128),
  /** How long a department may take until its answer begins, in milliseconds. */
  UPSTREAM_ANSWER_MS: z.coerce.number().int().min(100).default(30_000),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().min(1).default("shouwang"),
  OIDC_JWKS_URL: z.url().optional(),
  /** Requests of nobody who is signed in, per address. */
  RATE_UNSIGNED: limitSetting("300/m"),
  CLOCK_OFFSET_MS: z.coerce.number().int().default(0),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  NODE_ENV: z.string().default("development"),
});
export type Config = z.infer<typeof Config>;

/**
 * Reads the gateway's configuration from the environment, once. Throws one sentence that names every variable that is missing or wrong
 * (never its value), and refuses a moved clock in production.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = Config.safeParse(env);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
    throw new Error(`configuration is missing or wrong: ${names.join(", ")}`);
  }
  if (parsed.data.NODE_ENV === "production" && parsed.data.CLOCK_OFFSET_MS !== 0) {
    throw new Error("CLOCK_OFFSET_MS must be 0 in production: business time is real time there");
  }
  return parsed.data;
}
