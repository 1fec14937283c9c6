import { z } from "zod";
import { limitSetting } from "./rate-limit.ts";

const Config = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default("0.0.0.0"),
  DATABASE_URL: z.url(),
  MIGRATION_DATABASE_URL: z.url(),
  DATABASE_POOL: z.coerce.number().int().min(2).default(10),
  /** The longest a statement may run; a reader's handler may take twice as long over one event. */
  DATABASE_STATEMENT_MS: z.coerce.number().int().min(100).default(30_000),
  /** How long a leading relay may leave its session silent before the database gives the lead to another instance; one that works asks twice a second. */
  RELAY_LEAD_MS: z.coerce.number().int().min(1_000).default(10_000),
  NATS_URL: z.string().default("nats://127.0.0.1:4222"),
  NATS_SEED_FILE: z.string().optional(),
  STREAM_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().default("shouwang"),
  OIDC_JWKS_URL: z.url().optional(),
  KEYS_FILE: z.string(),
  PRIVATE_KEYS_FILE: z.string().optional(),
  CLOCK_OFFSET_MS: z.coerce.number().int().default(0),
  /** Per client and instance; the daily limit of reveals is exact over all instances. */
  RATE_READS: limitSetting("1000/10s"),
  RATE_WRITES: limitSetting("500/10s"),
  RATE_UPLOADS: limitSetting("30/m"),
  RATE_SEARCHES: limitSetting("60/m"),
  RATE_REVEALS: limitSetting("50/d").refine((limit) => limit === undefined || limit.seconds === 86_400),
  RATE_UNSIGNED: limitSetting("300/m"),
  /** Service accounts without limits of reading and writing: `issuer|subject`, separated by commas. */
  RATE_EXEMPT: z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== ""),
    ),
  /** Whether this instance asks for the figures of the month to be counted; an instance that only reads leaves it to another. */
  COUNT_INDICATORS: z.stringbool().default(true),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  NODE_ENV: z.string().default("development"),
});
export type Config = z.infer<typeof Config>;

/**
 * Reads a service's configuration from the environment, once. Throws one sentence that names every variable that is missing or wrong
 * (never its value), and refuses a moved clock in production.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = Config.safeParse(env);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".")))];
    throw new Error(`configuration is missing or wrong: ${names.join(", ")}`);
  }
  if (parsed.data.NODE_ENV === "production" && parsed.data.CLOCK_OFFSET_MS !== 0) {
    throw new Error("CLOCK_OFFSET_MS must be 0 in production: business time is real time there");
  }
  return parsed.data;
}
