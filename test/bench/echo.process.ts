import { createServer } from "node:http";

/** A department that does nothing: what is measured before it is the door alone. */
const answer = JSON.stringify({
  items: Array.from({ length: 8 }, (_, n) => ({ householdId: `household-${n}`, region: "451228101201" })),
  next: null,
});
const [, , port] = process.argv;
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) }).end(answer);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), "127.0.0.1");
