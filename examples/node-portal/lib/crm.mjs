// The CRM as the portal sees it: jsforce, and the shape of the objects.
import jsforce from "jsforce";

export const EXTERNAL_ID = "External_Id__c";
export const RECORD_TYPE = "RecordType.DeveloperName";
const NOT_CARRIED = new Set(["address", "location", "base64"]);
const OPERATORS = { eq: "=", ne: "!=", in: "IN", gt: ">", lt: "<" };
const UNQUOTED = new Set(["date", "datetime", "time", "int", "double", "currency", "percent", "boolean"]);

export class Crm {
  constructor(connection) {
    const { login_url: loginUrl, client_id: clientId, client_secret: clientSecret } = connection;
    this.given = connection;
    this.conn = new jsforce.Connection({
      oauth2: { loginUrl, clientId, clientSecret }, loginUrl, version: connection.api_version ?? "60.0",
    });
  }

  async login() {
    const known = await this.conn.login(this.given.username, this.given.password + this.given.security_token);
    this.org = known.organizationId;
  }

  async objects() {
    return (await this.conn.describeGlobal()).sobjects.map((one) => one.name);
  }

  /** Fields by name, and record types by DeveloperName. */
  async shape(kind) {
    const found = await this.conn.describe(kind);
    const fields = new Map(found.fields.filter((f) => !NOT_CARRIED.has(f.type)).map((f) => [f.name, f]));
    const types = found.recordTypeInfos.filter((one) => !one.master && one.developerName);
    return { kind, fields, recordTypes: new Map(types.map((one) => [one.developerName, one.recordTypeId])) };
  }

  /** Every row of a query, those in the recycle bin too. */
  async rows(soql) {
    let page = await this.conn.query(soql, { scanAll: true, autoFetch: false });
    const rows = page.records;
    while (!page.done) {
      page = await this.conn.queryMore(page.nextRecordsUrl, { autoFetch: false });
      rows.push(...page.records);
    }
    return rows;
  }

  /** Create by external ID where the object has one: sent twice it is made once. Returns the record's CRM id. */
  async create(kind, values) {
    const table = this.conn.sobject(kind);
    const made = await (values[EXTERNAL_ID] ? table.upsert(values, EXTERNAL_ID) : table.create(values));
    return made.id;
  }

  async update(kind, id, values) {
    await this.conn.sobject(kind).update({ ...values, Id: id });
  }

  async destroy(kind, id) {
    await this.conn.sobject(kind).destroy(id);
  }
}

/** A filter or rule as a SOQL condition. */
export function clause({ field, op, value }, type) {
  return `${field} ${OPERATORS[op]} ${literal(value, type)}`;
}

/** The rows for which it does not hold, those without a value among them. */
export function inverse({ field, op, value }, type) {
  const text = literal(value, type);
  if (op === "eq") return `${field} != ${text}`;
  if (op === "ne") return `${field} = ${text}`;
  if (op === "in") return `${field} NOT IN ${text}`;
  return `(${field} ${op === "gt" ? "<=" : ">="} ${text} OR ${field} = null)`;
}

/** Whether a row of the portal's own matches. */
export function holds({ field, op, value }, row) {
  const own = row[field] ?? null;
  if (op === "in") return value.some((one) => String(one) === String(own));
  if (op === "eq") return String(own) === String(value ?? null);
  if (op === "ne") return String(own) !== String(value ?? null);
  if (own === null) return false;
  const [left, right] = [own, value].map((one) => (Number.isNaN(Number(one)) ? String(one) : Number(one)));
  return op === "gt" ? left > right : left < right;
}

function literal(value, type) {
  if (Array.isArray(value)) return `(${value.map((one) => literal(one, type)).join(", ")})`;
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean" || UNQUOTED.has(type)) return String(value);
  return `'${String(value).replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
}
