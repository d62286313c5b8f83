// The contract over HTTP: GET /v1/info, POST /v1/ops/{operation}, lists as lines of JSON, refusals as problems (RFC 9457).
import { createServer } from "node:http";

import { NotSupported } from "./errors.mjs";

const STREAMING = new Set(["list", "list_as"]);
const REMEMBERED = 256;

/** Serve on loopback; there is no authentication. Port 0 takes a free one. */
export function serve(adapter, port) {
  const answers = new Map();
  let turn = Promise.resolve();
  const server = createServer((request, response) => {
    // One operation at a time, in order.
    turn = turn.then(() => handle(adapter, answers, request, response)).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function handle(adapter, answers, request, response) {
  const path = request.url.split("?")[0];
  const operation = path === "/v1/info" ? "info" : path.replace("/v1/ops/", "");
  const key = request.headers["idempotency-key"];
  if (key && answers.has(key)) return reply(response, 200, "application/json", answers.get(key));
  try {
    const text = await body(request);
    if (!adapter.operations.has(operation)) throw new NotSupported(operation);
    const { args = {} } = text ? JSON.parse(text) : {};
    const result = await adapter[operation](args);
    if (operation === "info") return reply(response, 200, "application/json", JSON.stringify(result));
    if (STREAMING.has(operation)) {
      const lines = [...result.map((item) => ({ item })), { end: result.length }];
      return reply(response, 200, "application/x-ndjson", lines.map((line) => JSON.stringify(line) + "\n").join(""));
    }
    const answer = JSON.stringify({ result: result ?? null });
    if (key) remember(answers, key, answer);
    return reply(response, 200, "application/json", answer);
  } catch (error) {
    const [status, kind] = error instanceof NotSupported ? [501, "not-supported"] : [500, "adapter-fault"];
    const problem = {
      type: `urn:prm-harness:${kind}`, title: kind, status, detail: String(error.message ?? error).slice(0, 500),
      operation, note: error.note ?? "",
    };
    return reply(response, status, "application/problem+json", JSON.stringify(problem));
  }
}

function remember(answers, key, answer) {
  answers.set(key, answer);
  if (answers.size > REMEMBERED) answers.delete(answers.keys().next().value);
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function reply(response, status, type, text) {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(text);
}
