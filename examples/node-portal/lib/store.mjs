// The portal's own records, in memory: what it shows, what waits for the CRM, what it told its admin.

export class Store {
  constructor() {
    this.records = new Map();
    this.byCrmId = new Map();
    this.errors = new Map();
    this.mails = [];
    this.history = [];
    this.count = 0;
  }

  /** A portal id; unique beyond this process, because the CRM keeps it as an external ID. */
  newId() {
    this.count += 1;
    return `node-${STARTED}-${String(this.count).padStart(5, "0")}`;
  }

  add(kind, { id = this.newId(), crmId = null, values = {}, runId = "" } = {}) {
    const record = { id, kind, crmId: null, values, pending: null, notBefore: 0, became: null, deleted: false, runId };
    this.records.set(id, record);
    if (crmId) this.link(record, crmId);
    return record;
  }

  // The first 15 characters of a Salesforce id say everything, and count in their case.
  link(record, crmId) {
    record.crmId = crmId;
    this.byCrmId.set(`${record.kind} ${crmId.slice(0, 15)}`, record);
  }

  ofCrm(kind, crmId) {
    return this.byCrmId.get(`${kind} ${crmId.slice(0, 15)}`);
  }

  /** A live record; the portal's own link moves on with a converted lead or a merged account. */
  find(kind, { by, value }) {
    let record;
    if (by === "crm_id") record = this.ofCrm(kind, value);
    else if (by === "prm_id") record = this.heir(this.records.get(value));
    else record = this.alive(kind).find((one) => nameOf(one.values) === value || one.values.LastName === value);
    return record && !record.deleted ? record : undefined;
  }

  heir(record) {
    return (record?.became && this.ofCrm(record.became.kind, record.became.id)) || record;
  }

  alive(kind) {
    return [...this.records.values()].filter((one) => one.kind === kind && !one.deleted);
  }

  forget(record) {
    this.records.delete(record.id);
    if (record.crmId) this.byCrmId.delete(`${record.kind} ${record.crmId.slice(0, 15)}`);
    this.errors.delete(record.id);
  }

  waiting() {
    return [...this.records.values()].filter((one) => one.pending);
  }

  // -- what the admin sees ----------------------------------------------------------------------------------------

  failed(record, trouble, at, { retriable }) {
    const before = this.errors.get(record.id);
    this.errors.set(record.id, {
      id: `E-${record.id}`, at: before?.at ?? at, kind: record.kind, prm_id: record.id, crm_id: record.crmId,
      name: nameOf(record.values), field: trouble.fields[0] ?? null, code: trouble.code, message: trouble.message,
      direction: "to_crm", retriable, acknowledged: before?.acknowledged ?? false,
    });
    return !before;
  }

  mail(at, subject, body = "") {
    this.mails.push({ at, channel: "email", subject, body });
  }

  wrote(record, direction, changes, actor, at) {
    for (const [field, old, value] of changes) {
      this.history.push({
        at, kind: record.kind, prm_id: record.id, crm_id: record.crmId, direction, field, old, new: value, actor,
      });
    }
  }
}

export function nameOf(values) {
  return values.Name ?? [values.FirstName, values.LastName].filter(Boolean).join(" ");
}

const STARTED = Date.now().toString(36);
