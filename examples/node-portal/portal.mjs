// Serves the portal's adapter: node portal.mjs [--port 8766] [--clock virtual|real] [--cycle 600]
import { parseArgs } from "node:util";

import { Adapter } from "./lib/adapter.mjs";
import { pausesCostNothing } from "./lib/clock.mjs";
import { serve } from "./lib/server.mjs";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8766" },
    clock: { type: "string", default: "virtual" },
    cycle: { type: "string", default: "600" },
  },
});
const port = Number(values.port);
const cycle = Number(values.cycle);
if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`--port ${values.port}: it is a number from 0 to 65535`);
if (!["virtual", "real"].includes(values.clock)) fail(`--clock ${values.clock}: it is virtual or real`);
if (!(cycle > 0)) fail(`--cycle ${values.cycle}: it is a number of seconds above zero`);

if (values.clock === "virtual") pausesCostNothing();
const server = await serve(new Adapter({ virtual: values.clock === "virtual", cycle }), port);
console.log(`listening on http://127.0.0.1:${server.address().port}`);

function fail(message) {
  console.error(message);
  process.exit(2);
}
