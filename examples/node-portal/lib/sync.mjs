// Both ways: what changed in the CRM is read every cycle; what could not be written at once is sent again.
import { Trouble } from "./errors.mjs";
import { EXTERNAL_ID, RECORD_TYPE, clause, inverse } from "./crm.mjs";

const OVERLAP = 180;
const LOOK_EVERY = 3600;
const BLOCKED = 900;
const REFUSED = 3600;
const MOVES_BY_ITSELF = new Set([
  "SystemModstamp", "LastModifiedDate", "LastModifiedById", "LastViewedDate", "LastReferencedDate",
]);

export class Sync {
  constructor(store, clock) {
    this.store = store;
    this.clock = clock;
    this.crm = null;
    this.shapes = new Map();
    this.marks = new Map();
    this.filters = new Map();
    this.whole = new Set();
    this.looked = 0;
    this.blockedUntil = 0;
    this.failures = 0;
    this.state = "disconnected";
    this.lastOk = null;
    this.lastError = "";
    this.toFollow = [];
  }

  /** Read an object's shape, and have it read as a whole when it has gained a field. */
  async look(kind) {
    const fresh = await this.crm.shape(kind);
    const before = this.shapes.get(kind);
    this.shapes.set(kind, fresh);
    if (!before) return;
    const added = [...fresh.fields.keys()].filter((name) => !before.fields.has(name));
    const lost = [...before.fields.keys()].filter((name) => !fresh.fields.has(name));
    for (const name of added) this.store.mail(this.clock.iso(), `New field ${kind}.${name}`, "It is in the portal now.");
    for (const name of lost) this.lost(kind, name);
    if (added.length) this.whole.add(kind);
  }

  /** Whether the CRM has said that it takes nothing for now: its daily calls are used up. */
  get blocked() {
    return this.clock.now() < this.blockedUntil;
  }

  /** One round; never throws for what the CRM refuses. */
  async run() {
    if (this.blocked) return false;
    try {
      await this.push();
      const look = this.clock.now() - this.looked >= LOOK_EVERY * 1000;
      for (const kind of this.shapes.keys()) {
        if (look) await this.look(kind);
        await this.pullSurviving(kind);
      }
      if (look) this.looked = this.clock.now();
      this.follow();
      await this.push();
    } catch (error) {
      this.trouble(new Trouble(error));
      return false;
    }
    if (["paused", "error", "reauth_required"].includes(this.state)) {
      this.store.mail(this.clock.iso(), "The CRM connection works again");
    }
    Object.assign(this, { state: "active", lastOk: this.clock.iso(), lastError: "", failures: 0 });
    return true;
  }

  trouble(trouble) {
    this.failures += 1;
    if (trouble.quota) this.blockedUntil = this.clock.now() + BLOCKED * 1000;
    this.lastError = String(trouble);
    const state = trouble.quota ? "paused" : trouble.login ? "reauth_required" : this.failures >= 3 ? "error" : this.state;
    if (state !== this.state) this.store.mail(this.clock.iso(), `Syncing has stopped: ${state}`, String(trouble));
    this.state = state;
  }

  lost(kind, name) {
    const message = `${kind}.${name} is gone from the CRM, or we may not see it`;
    this.store.mail(this.clock.iso(), message);
    this.store.errors.set(`${kind}.${name}`, {
      id: `E-${kind}.${name}`, at: this.clock.iso(), kind, field: name, code: "INVALID_FIELD", message, direction: "to_prm",
      retriable: false,
    });
  }

  // -- from the CRM -----------------------------------------------------------------------------------------------

  async pullSurviving(kind) {
    try {
      await this.pull(kind);
    } catch (error) {
      if (error.errorCode !== "INVALID_FIELD") throw error;
      await this.look(kind);
      await this.pull(kind);
    }
  }

  async pull(kind) {
    const { fields } = this.shapes.get(kind);
    const whole = this.whole.has(kind) || !this.marks.has(kind);
    const since = whole ? "" : `SystemModstamp >= ${this.marks.get(kind)}`;
    const filter = this.filters.get(kind);
    const names = [...fields.keys(), ...(fields.has("RecordTypeId") ? [RECORD_TYPE] : [])];
    const where = [since, filter && `(${clause(filter, fields.get(filter.field)?.type)} OR IsDeleted = true)`];
    const rows = await this.crm.rows(`SELECT ${names.join(", ")} FROM ${kind}${all(where)} ORDER BY SystemModstamp`);
    for (const row of rows) this.take(kind, row);
    if (whole) this.dropUnseen(kind, new Set(rows.filter((row) => !row.IsDeleted).map((row) => row.Id.slice(0, 15))));
    else if (filter) await this.dropLeavers(kind, filter, since);
    const newest = rows.at(-1)?.SystemModstamp;
    if (newest) this.marks.set(kind, literal(Date.parse(newest) - OVERLAP * 1000));
    else if (whole) this.marks.set(kind, literal(this.clock.now() - OVERLAP * 1000));
    this.whole.delete(kind);
  }

  take(kind, row) {
    let record = this.store.ofCrm(kind, row.Id) ?? this.own(kind, row);
    if (row.IsDeleted) {
      if (record && !record.deleted) this.gone(record, row.MasterRecordId);
      return;
    }
    const fresh = !record;
    record ??= this.store.add(kind, { crmId: row.Id, runId: this.crm.given.run_id });
    if (record.pending?.operation === "delete") return;
    record.deleted = false;
    const told = [];
    for (const [name, value] of Object.entries(flat(row))) {
      const old = record.values[name] ?? null;
      if (record.pending?.values && name in record.pending.values) continue;
      if (!fresh && old !== value && !MOVES_BY_ITSELF.has(name)) told.push([name, old, value]);
      record.values[name] = value;
    }
    this.store.wrote(record, "to_prm", fresh ? [[null, null, null]] : told, row.LastModifiedById ?? "CRM", this.clock.iso());
    if (row.IsConverted && !record.became) {
      const target = row.ConvertedOpportunityId ? "Opportunity" : "Contact";
      record.became = { kind: target, id: row[`Converted${target}Id`] };
      this.toFollow.push(record);
    }
  }

  /** The portal's own record whose creation was answered into the void: known by its external ID. */
  own(kind, row) {
    const record = this.store.records.get(row[EXTERNAL_ID]);
    if (record?.kind !== kind || record.crmId) return undefined;
    this.store.link(record, row.Id);
    record.pending = null;
    this.store.errors.delete(record.id);
    return record;
  }

  gone(record, winner) {
    record.deleted = true;
    record.pending = null;
    if (winner) {
      record.became = { kind: record.kind, id: winner };
      this.toFollow.push(record);
    }
    this.store.wrote(record, "to_prm", [[null, record.values.Name ?? null, null]], "CRM", this.clock.iso());
  }

  /** The partner's credit goes with a converted lead, and so does what waits of it. */
  follow() {
    for (const record of this.toFollow.splice(0)) {
      const heir = this.store.ofCrm(record.became.kind, record.became.id);
      const partner = record.values.Partner_Account__c;
      const fields = this.shapes.get(record.became.kind)?.fields;
      if (!heir || heir.kind === record.kind || !fields) continue;
      const changes = {};
      if (partner && fields.has("Partner_Account__c") && !heir.values.Partner_Account__c) changes.Partner_Account__c = partner;
      for (const [name, value] of Object.entries(record.pending?.values ?? {})) if (fields.has(name)) changes[name] = value;
      record.pending = null;
      this.store.errors.delete(record.id);
      if (Object.keys(changes).length) this.hold(heir, "update", changes, "integration");
    }
  }

  dropUnseen(kind, seen) {
    for (const record of this.store.alive(kind)) {
      if (record.crmId && !seen.has(record.crmId.slice(0, 15)) && !record.pending) {
        if (this.filters.has(kind)) this.store.forget(record);
        else this.gone(record, null);
      }
    }
  }

  async dropLeavers(kind, filter, since) {
    const type = this.shapes.get(kind).fields.get(filter.field)?.type;
    const rows = await this.crm.rows(`SELECT Id FROM ${kind}${all([since, inverse(filter, type)])}`);
    for (const { Id } of rows) {
      const record = this.store.ofCrm(kind, Id);
      if (record && !record.pending) this.store.forget(record);
    }
  }

  // -- to the CRM -------------------------------------------------------------------------------------------------

  /** Keep a change until the CRM takes it. */
  hold(record, operation, values, actor) {
    const before = record.pending;
    const kept = before?.operation === "create" && operation === "update" ? "create" : operation;
    record.pending = { operation: kept, values: { ...before?.values, ...values }, actor };
  }

  async push() {
    for (const record of this.store.waiting()) {
      if (record.notBefore > this.clock.now()) continue;
      const trouble = await this.send(record);
      if (trouble?.passing && trouble.code !== "UNABLE_TO_LOCK_ROW") throw trouble.cause;
    }
  }

  /** Send what waits of one record; returns the trouble, if there was some. */
  async send(record) {
    const { operation, values, actor } = record.pending;
    try {
      if (operation === "create") this.store.link(record, await this.crm.create(record.kind, values));
      else if (operation === "delete") await this.crm.destroy(record.kind, record.crmId);
      else await this.crm.update(record.kind, record.crmId, values);
    } catch (error) {
      const trouble = Object.assign(new Trouble(error), { cause: error });
      if (trouble.code === "CANNOT_UPDATE_CONVERTED_LEAD") return trouble;
      if (trouble.quota) this.blockedUntil = this.clock.now() + BLOCKED * 1000;
      // Refused, not failed: somebody has to do something about it, and the portal tries again once in a while.
      record.notBefore = trouble.passing ? 0 : this.clock.now() + REFUSED * 1000;
      const news = this.store.failed(record, trouble, this.clock.iso(), { retriable: true });
      if (news && !trouble.passing) this.store.mail(this.clock.iso(), `Not sent: ${record.values.Name ?? record.id}`, String(trouble));
      return trouble;
    }
    record.pending = null;
    this.store.errors.delete(record.id);
    const changes = Object.entries(values).map(([name, value]) => [name, record.before?.[name] ?? null, value]);
    this.store.wrote(record, "to_crm", changes, actor, this.clock.iso());
    return null;
  }
}

function all(conditions) {
  const given = conditions.filter(Boolean);
  return given.length ? ` WHERE ${given.join(" AND ")}` : "";
}

function literal(milliseconds) {
  return new Date(milliseconds).toISOString();
}

function flat({ attributes, RecordType, ...row }) {
  return RecordType === undefined ? row : { ...row, [RECORD_TYPE]: RecordType?.DeveloperName ?? null };
}
