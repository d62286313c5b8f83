// Both Bulk APIs of an unmodified jsforce client against a served sandbox. Prints what it saw as one JSON object.
// argv: the folder that jsforce is installed in, the file with the sandbox's welcome.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

const [, , home, welcomeFile] = process.argv;
const jsforce = createRequire(home + "/")("jsforce");
const own = JSON.parse(readFileSync(welcomeFile, "utf8"));
const conn = new jsforce.Connection({ instanceUrl: own.url, accessToken: own.access_token });
const seen = {};
const rows = Array.from({ length: 2100 }, (_, n) => ({ Name: `Bulk "${n}", ü`, External_Id__c: `B-${n}` }));

async function refusal(work) {
  try {
    return await work();
  } catch (error) {
    return error.message;
  }
}

async function one() {
  conn.bulk.pollInterval = 5;
  conn.bulk.pollTimeout = 60000;
  const made = await conn.bulk.load("Account", "insert", [...rows, { Phone: "1" }]);
  const upserted = await conn.bulk.load("Account", "upsert", { extIdField: "External_Id__c" }, [
    { ...rows[0], Phone: "2" }, { External_Id__c: "new", Name: "New", Phone: "" },
  ]);
  const read = await (await conn.bulk.query("SELECT Id, Name, Phone FROM Account ORDER BY Name")).toArray();
  const gone = await conn.bulk.load("Account", "delete", made.slice(0, 2100).map(({ id }) => ({ Id: id })));
  const refused = await refusal(async () => conn.bulk.load("Nope", "insert", [{ Name: "A" }]));
  seen.one = {
    made: made.filter((r) => r.success).length, problem: made[2100].errors,
    upserted: upserted.map((r) => r.success), read: read.length, first: read[0].Name,
    phones: read.filter((r) => r.Phone === "2").length, gone: gone.filter((r) => r.success).length, refused,
  };
}

async function two() {
  const load = (operation, input, more = {}) =>
    conn.bulk2.loadAndWaitForResults({
      object: "Contact", operation, input, pollInterval: 5, pollTimeout: 60000, ...more,
    });
  conn.bulk2.pollInterval = 5;
  const people = rows.map((row) => ({ LastName: row.Name, External_Id__c: row.External_Id__c }));
  const made = await load("insert", [...people, { LastName: "", External_Id__c: "none" }]);
  const upserted = await load("upsert", [{ External_Id__c: "B-0", Email: "a@example.com" }], {
    externalIdFieldName: "External_Id__c",
  });
  const read = await (await conn.bulk2.query("SELECT Id, LastName, Email FROM Contact", { pollInterval: 5 })).toArray();
  const gone = await load("delete", made.successfulResults.map((r) => ({ Id: r.sf__Id })));
  seen.two = {
    made: made.successfulResults.length, created: made.successfulResults[0].sf__Created,
    problem: made.failedResults.map((r) => r.sf__Error), unprocessed: made.unprocessedRecords,
    upserted: upserted.successfulResults.map((r) => r.sf__Created), read: read.length,
    emails: read.filter((r) => r.Email === "a@example.com").length,
    same: new Set(read.map((r) => r.LastName)).has(rows[7].Name), gone: gone.successfulResults.length,
  };
}

one().then(two).then(() => process.stdout.write(JSON.stringify(seen)), (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
