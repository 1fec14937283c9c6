/** The grant by which a development tool asks for a demo user's token; the real issuer of a production site knows no such thing. */
export const DEVELOPMENT_GRANT = "urn:shouwang:development";

/** The client that may use it. */
export const TOKEN_CLIENT = "shouwang-token";
