import proxy from "@fastify/http-proxy";
import fastify from "fastify";
import { createRemoteJWKSet, jwtVerify } from "jose";

/** The door as one would put it together: fastify and its proxy, each token checked as the gateway checks it. */
const [, , port, upstream = "", issuer = "", jwks = ""] = process.argv;
const keys = createRemoteJWKSet(new URL(jwks));
const app = fastify();
app.get("/health/ready", async () => ({ ready: true }));
await app.register(proxy, {
  upstream,
  prefix: "/api",
  rewritePrefix: "/api",
  http2: false,
  preHandler: async (request, reply) => {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    const signedIn = await jwtVerify(token, keys, { issuer, audience: "shouwang", algorithms: ["ES256"] }).catch(() => undefined);
    if (!signedIn) await reply.code(401).send();
  },
});
await app.listen({ port: Number(port), host: "127.0.0.1" });
