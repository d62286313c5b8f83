// jsforce's streaming client against the sandbox: change events as they happen, and replayed ones.
// Usage: node streaming.cjs <folder with node_modules> <welcome.json>; prints what it heard as JSON.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const path = require("node:path");

const load = createRequire(path.join(process.argv[2], "x.cjs"));
const jsforce = load("jsforce");
const welcome = JSON.parse(readFileSync(process.argv[3], "utf8"));
const { StreamingExtension } = load("jsforce/lib/api/streaming");

async function main() {
  const conn = new jsforce.Connection({ instanceUrl: welcome.url, accessToken: welcome.access_token });
  const live = new Promise((resolve) => {
    conn.streaming.topic("/data/AccountChangeEvent");
    const client = conn.streaming.createClient([]);
    const subscription = client.subscribe("/data/AccountChangeEvent", (message) => resolve({ message, client }));
    subscription.then(() => conn.sobject("Account").create({ Name: "Live" }));
  });
  const { message, client } = await live;

  const replay = new StreamingExtension.Replay("/data/AccountChangeEvent", -2);
  const replaying = conn.streaming.createClient([replay]);
  const replayed = await new Promise((resolve) => {
    replaying.subscribe("/data/AccountChangeEvent", resolve);
  });

  const refused = await new Promise((resolve) => {
    replaying.subscribe("/topic/None", () => {}).then(() => resolve(null), (error) => resolve(error.message));
  });
  client.disconnect();
  replaying.disconnect();
  process.stdout.write(JSON.stringify({ message, replayed, refused }), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
