// One session of an unmodified jsforce client against a served sandbox. Prints what it saw as one JSON object.
// argv: the folder that jsforce is installed in, the file with the sandbox's welcome.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

const [, , home, welcomeFile] = process.argv;
const jsforce = createRequire(home + "/")("jsforce");
const own = JSON.parse(readFileSync(welcomeFile, "utf8"));
const seen = {};

const refusal = async (work) => {
  try {
    await work();
    return null;
  } catch (error) {
    return { name: error.name, code: error.errorCode, message: error.message };
  }
};

async function logIn() {
  const oauth2 = { loginUrl: own.url, clientId: own.client_id, clientSecret: own.client_secret };
  const byOauth = new jsforce.Connection({ oauth2, loginUrl: own.url });
  const user = await byOauth.login(own.username, own.password);
  const bySoap = new jsforce.Connection({ loginUrl: own.url });
  const soapUser = await bySoap.login(own.username, own.password + own.security_token);
  const byToken = new jsforce.Connection({ instanceUrl: own.url, accessToken: own.access_token });
  const identity = await byToken.identity();
  const byRefresh = new jsforce.Connection({
    oauth2, instanceUrl: own.url, accessToken: "00Ddead!dead", refreshToken: own.refresh_token,
  });
  await byRefresh.query("SELECT Id FROM User LIMIT 1");
  seen.login = {
    oauth: user.organizationId, soap: soapUser.organizationId, token: identity.organization_id,
    instance: byOauth.instanceUrl === own.url && bySoap.instanceUrl === own.url,
    refreshed: byRefresh.accessToken !== "00Ddead!dead",
    wrong: await refusal(() => new jsforce.Connection({ oauth2, loginUrl: own.url }).login(own.username, "no")),
    wrongSoap: await refusal(() => new jsforce.Connection({ loginUrl: own.url }).login(own.username, "no")),
  };
  return byOauth;
}

async function describe(conn) {
  const all = await conn.describeGlobal();
  const account = await conn.describe("Account");
  seen.describe = {
    objects: all.sobjects.map((o) => o.name).filter((n) => ["Account", "Contact", "Lead", "Opportunity"].includes(n)),
    key: account.fields.find((f) => f.name === "External_Id__c"),
    limit: conn.limitInfo.apiUsage.limit,
  };
}

async function rows(conn) {
  const made = await conn.sobject("Account").create({ Name: "Acme", External_Id__c: "A-1" });
  await conn.sobject("Account").update({ Id: made.id, Phone: "123" });
  const read = await conn.sobject("Account").retrieve(made.id);
  const upserted = await conn.sobject("Account").upsert({ External_Id__c: "A-1", Phone: "456" }, "External_Id__c");
  const fresh = await conn.sobject("Account").upsert({ External_Id__c: "A-2", Name: "Beta" }, "External_Id__c");
  const found = await conn.sobject("Account").find({ External_Id__c: "A-1" }, "Id, Phone");
  await conn.sobject("Account").destroy(fresh.id);
  seen.rows = {
    id: made.id, read: [read.Id, read.Name, read.Phone],
    upserted: [upserted.id, upserted.created], created: fresh.created, found: found.map((r) => r.Phone),
    gone: await refusal(() => conn.sobject("Account").retrieve(fresh.id)),
  };
}

async function errors(conn) {
  seen.errors = {
    field: await refusal(() => conn.sobject("Account").create({ Name: "x", Nope__c: 1 })),
    required: await refusal(() => conn.sobject("Contact").create({ FirstName: "x" })),
    duplicate: await refusal(() => conn.sobject("Account").create({ Name: "x", External_Id__c: "A-1" })),
    query: await refusal(() => conn.query("SELECT Nope FROM Account")),
    object: await refusal(() => conn.sobject("Nope__c").create({ Name: "x" })),
  };
}

async function pages(conn) {
  const names = Array.from({ length: 2100 }, (_, n) => ({ LastName: `P${n}` }));
  const made = await conn.sobject("Contact").create(names, { allowRecursive: true });
  const first = await conn.query("SELECT Id, LastName FROM Contact WHERE LastName LIKE 'P%' ORDER BY LastName");
  const more = await conn.queryMore(first.nextRecordsUrl);
  const all = await conn.query("SELECT Id FROM Contact WHERE LastName LIKE 'P%'", { autoFetch: true, maxFetch: 5000 });
  seen.pages = {
    made: made.filter((r) => r.success).length, first: [first.totalSize, first.done, first.records.length],
    more: [more.done, more.records.length], all: new Set(all.records.map((r) => r.Id)).size,
  };
}

async function collections(conn) {
  const made = await conn.sobject("Account").create([{ Name: "C1" }, { Name: "" }, { Name: "C3" }]);
  const ids = made.filter((r) => r.success).map((r) => r.id);
  const read = await conn.sobject("Account").retrieve(ids);
  const changed = await conn.sobject("Account").update(ids.map((Id) => ({ Id, Phone: "9" })));
  const whole = await conn.sobject("Account").create([{ Name: "D1" }, { Name: "" }], { allOrNone: true });
  const gone = await conn.sobject("Account").destroy(ids);
  seen.collections = {
    made: made.map((r) => r.success), problem: made[1].errors[0].statusCode, read: read.map((r) => r.Name),
    changed: changed.map((r) => r.success), whole: whole.map((r) => r.errors[0].statusCode),
    gone: gone.map((r) => r.success),
  };
}

(async () => {
  const conn = await logIn();
  for (const step of [describe, rows, errors, pages, collections]) await step(conn);
  process.stdout.write(JSON.stringify(seen));
})().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
