// What the harness may ask, in the portal's terms: one method an operation of the contract.
import { Clock } from "./clock.mjs";
import { Crm, EXTERNAL_ID, RECORD_TYPE, holds } from "./crm.mjs";
import { NotSupported, Trouble } from "./errors.mjs";
import { Store, nameOf } from "./store.mjs";
import { Sync } from "./sync.mjs";

const KINDS = ["Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole"];
const KEYED = ["Account", "Contact", "Lead", "Opportunity"];
const SAME = { Opportunity: ["Name", "AccountId"], Account: ["Name"], Contact: ["Email"], Lead: ["Email", "Company"] };
const FULL = [
  "write", "partner_view", "sync_control", "schedule", "schema", "history", "filters", "errors", "notify", "audit", "logic",
  "setup",
];
const ABSENT = {
  mapping: "there is nothing to map: fields have the CRM's names",
  rollback: "the portal does not know how to take a write back",
  health: "the portal does not compare",
};
const STEPS = [
  { id: "authorise", title: "Enter the integration user's credentials", actor: "admin", hands_on_minutes: 3 },
  { id: "objects", title: "Tick the objects to carry", actor: "admin", hands_on_minutes: 3 },
  { id: "load", title: "Load what is there", actor: "automatic", waiting_minutes: 1 },
];

export class Adapter {
  constructor({ virtual, cycle }) {
    this.clock = new Clock({ virtual, cycle, work: () => this.round() });
    this.asBought = { cycle };
    this.org = null;
    this.empty();
    const own = Object.getOwnPropertyNames(Adapter.prototype);
    this.operations = new Set(own.filter((name) => !["constructor", "empty", "round", "need", "pass", "shown", "checked", "registered"].includes(name)));
  }

  /** A portal that holds nothing yet. */
  empty() {
    this.clock.stop();
    this.clock.cycle = this.asBought.cycle;
    this.store = new Store();
    this.sync = new Sync(this.store, this.clock);
    this.rules = new Map();
    this.connected = false;
    this.held = false;
  }

  info() {
    const levels = {};
    for (const one of FULL) levels[one] = { level: "full" };
    for (const one of ["files", "usage", "config", "flows", "seed"]) levels[one] = { level: "unsupported" };
    for (const [one, note] of Object.entries(ABSENT)) levels[one] = { level: "unsupported", note };
    levels.schema = { level: "partial", note: "all choices of a picklist are offered, whatever the record type" };
    levels.logic = { level: "partial", note: "segments; no workflows" };
    levels.write = { level: "partial", note: "what was deleted cannot be brought back" };
    levels.virtual_time = { level: this.clock.virtual ? "full" : "unsupported" };
    return {
      contract: "1.1", vendor: "Example", product: "Node portal (jsforce)", version: "1.0.0", style: "mirror",
      capabilities: levels, kinds: KINDS, cycle_seconds: this.clock.cycle, declared_setup_minutes: 6,
      unsupported_notes: ["keeping records over a restart: they are held in memory"], sample: true,
    };
  }

  prerequisites() {
    const fields = KEYED.map((sobject) => (
      { sobject, name: EXTERNAL_ID, type: "string", length: 80, external_id: true, label: "External Id" }
    ));
    return { fields, permissions: ["ApiEnabled"], objects: KINDS };
  }

  // -- connection, setup, time ------------------------------------------------------------------------------------

  async connect({ crm: given }) {
    const crm = new Crm(given);
    await crm.login();
    // What was carried for one org means nothing in another.
    if (this.org !== null && this.org !== crm.org) this.empty();
    this.org = crm.org;
    this.sync.crm = crm;
    this.sync.state = "active";
    this.connected = true;
    if (this.sync.shapes.size) this.clock.start();
  }

  disconnect() {
    this.clock.stop();
    this.connected = false;
    this.sync.state = "disconnected";
  }

  cleanup({ run_id: runId }) {
    for (const record of [...this.store.records.values()]) if (record.runId === runId) this.store.forget(record);
  }

  setup_steps() {
    return STEPS;
  }

  async run_step({ step_id: id }) {
    const step = STEPS.find((one) => one.id === id);
    if (!step) return { done: false, message: `there is no step ${id}` };
    if (id === "objects") for (const kind of KINDS) await this.sync.look(kind);
    if (id !== "load") return { done: true, steps: [step] };
    this.sync.looked = this.clock.now();
    this.clock.start();
    const done = await this.sync.run();
    return { done, steps: [step], message: done ? "" : this.sync.lastError };
  }

  async elapse({ seconds, now }) {
    if (!this.clock.virtual) throw new NotSupported("elapse", "this instance runs on the real clock");
    await this.clock.elapse(seconds, now);
  }

  async sync_now() {
    this.need("sync_now");
    await this.sync.run();
  }

  sync_status() {
    const { state, lastOk, lastError } = this.sync;
    const shown = this.connected && this.held ? "paused" : state;
    return { state: shown, last_ok: lastOk, last_error: lastError, backlog: this.store.waiting().length };
  }

  pause() {
    this.held = true;
    return did("pause", "Hold the sync", 0.5);
  }

  async resume() {
    this.held = false;
    await this.round();
    return did("resume", "Let the sync go on", 0.5);
  }

  get_schedule() {
    return { cycle_seconds: this.clock.cycle, settable: true };
  }

  set_schedule({ cycle_seconds: seconds }) {
    this.clock.setCycle(seconds);
    return did("schedule", "Set the sync interval", 1);
  }

  // -- entering ---------------------------------------------------------------------------------------------------

  async submit({ kind, values, as_partner: partner }) {
    const [wanted, complaint] = this.checked(kind, values, "createable");
    if (complaint) return refused(complaint);
    const fields = this.sync.shapes.get(kind).fields;
    if (partner && fields.has("Partner_Account__c")) wanted.Partner_Account__c ??= partner;
    const other = partner && this.registered(kind, wanted, partner);
    if (other) return refused(`${nameOf(wanted)} is registered by another partner already`);
    const record = this.store.add(kind, { values: { ...wanted, ...named(values) }, runId: this.sync.crm.given.run_id });
    if (fields.has(EXTERNAL_ID)) wanted[EXTERNAL_ID] = record.id;
    this.sync.hold(record, "create", wanted, partner ? `partner ${partner}` : "admin");
    return this.pass(record, { remove: true });
  }

  async update({ kind, ref, values, as_partner: partner }) {
    const record = this.store.find(kind, ref);
    if (!record || (partner && !sees(record, partner))) return refused(`there is no such ${kind}`);
    const [wanted, complaint] = this.checked(record.kind, values, "updateable");
    if (complaint) return refused(complaint, record.id);
    const changed = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => record.values[name] !== value));
    if (!Object.keys(changed).length) return { state: "accepted", prm_id: record.id };
    record.before = { ...record.values };
    Object.assign(record.values, changed, named(values));
    this.sync.hold(record, "update", changed, partner ? `partner ${partner}` : "admin");
    return this.pass(record, { restore: record.before });
  }

  async delete({ kind, ref }) {
    const record = this.store.find(kind, ref);
    if (!record) return refused(`there is no such ${kind}`);
    if (!record.crmId) {
      this.store.forget(record);
      return { state: "accepted", prm_id: record.id };
    }
    this.sync.hold(record, "delete", {}, "admin");
    record.deleted = true;
    const outcome = await this.pass(record, {});
    if (outcome.state === "rejected") record.deleted = false;
    return outcome;
  }

  /** To the CRM while the partner waits; what it cannot take now is held, what it refuses is refused. */
  async pass(record, { remove = false, restore = null }) {
    if (this.held || this.sync.blocked) {
      return { state: "held", prm_id: record.id, messages: [this.held ? "the sync is paused" : this.sync.lastError] };
    }
    const trouble = await this.sync.send(record);
    if (!trouble) return { state: "accepted", prm_id: record.id };
    if (trouble.passing || trouble.code === "CANNOT_UPDATE_CONVERTED_LEAD") {
      return { state: "held", prm_id: record.id, messages: [String(trouble)] };
    }
    record.pending = null;
    this.store.errors.delete(record.id);
    if (remove) this.store.forget(record);
    if (restore) record.values = restore;
    return refused(String(trouble), remove ? null : record.id);
  }

  // -- reading ----------------------------------------------------------------------------------------------------

  read({ kind, ref }) {
    const record = this.store.find(kind, ref);
    return record ? this.shown(record) : null;
  }

  list({ kind }) {
    return this.store.alive(kind).map((record) => this.shown(record));
  }

  read_as({ partner, kind, ref }) {
    const record = this.store.find(kind, ref);
    return record && sees(record, partner) ? this.shown(record) : null;
  }

  list_as({ partner, kind }) {
    return this.store.alive(kind).filter((record) => sees(record, partner)).map((record) => this.shown(record));
  }

  // -- schema, history, filters -----------------------------------------------------------------------------------

  async list_types() {
    return this.need("list_types").objects();
  }

  describe_type({ kind }) {
    const shape = this.sync.shapes.get(kind);
    if (!shape) return { kind };
    const fields = [...shape.fields.values()].map((one) => ({
      name: one.name, type: one.type, writable: one.updateable,
      values: (one.picklistValues ?? []).filter((value) => value.active).map((value) => value.value),
    }));
    return { kind, fields, record_types: [...shape.recordTypes.keys()] };
  }

  offered_values({ kind, field }) {
    const found = this.describe_type({ kind }).fields?.find((one) => one.name === field);
    return found?.values ?? [];
  }

  async refresh_schema() {
    this.need("refresh_schema");
    for (const kind of this.sync.shapes.keys()) await this.sync.look(kind);
    return did("refresh", "Refresh the schema", 1);
  }

  async add_field({ kind, field }) {
    const log = await this.refresh_schema();
    if (this.sync.shapes.get(kind)?.fields.has(field.name)) return log;
    return { done: false, message: `the CRM shows us no field ${field.name} on ${kind}` };
  }

  async add_type({ kind }) {
    this.need("add_type");
    try {
      await this.sync.look(kind);
    } catch (error) {
      return { done: false, message: String(new Trouble(error)) };
    }
    return did(`add-${kind}`, `Tick ${kind}`, 1);
  }

  async backfill({ kind, fields }) {
    this.need("backfill");
    const missing = fields.find((name) => !this.sync.shapes.get(kind)?.fields.has(name));
    if (missing) return { done: false, message: `the portal has no field ${missing} on ${kind}` };
    this.sync.whole.add(kind);
    this.loading = { kind, done: await this.sync.run() };
    return { ...did("reload", `Load ${kind} again`, 1), done: this.loading.done, message: this.sync.lastError };
  }

  backfill_status({ kind }) {
    if (this.loading?.kind !== kind) return { state: "idle" };
    return { state: this.loading.done ? "done" : "failed", loaded: this.store.alive(kind).length };
  }

  get_filter({ kind }) {
    return this.sync.filters.get(kind) ?? null;
  }

  set_filter({ kind, rule }) {
    if (rule && !this.sync.shapes.get(kind)?.fields.has(rule.field)) {
      return { done: false, message: `the portal has no such field on ${kind}` };
    }
    if (rule) this.sync.filters.set(kind, rule);
    else this.sync.filters.delete(kind);
    this.sync.whole.add(kind);
    return did("filter", `Set the filter of ${kind}`, 2);
  }

  // -- errors, alerts, history ------------------------------------------------------------------------------------

  list_errors({ since }) {
    return [...this.store.errors.values()].filter((one) => later(one.at, since));
  }

  async retry({ error_id: id }) {
    const record = this.store.waiting().find((one) => `E-${one.id}` === id);
    if (!record) return refused("there is nothing to retry");
    const trouble = await this.sync.send(record);
    return trouble ? refused(String(trouble), record.id) : { state: "accepted", prm_id: record.id };
  }

  acknowledge({ error_id: id }) {
    for (const one of this.store.errors.values()) if (one.id === id) one.acknowledged = true;
  }

  notifications({ since }) {
    return this.store.mails.filter((one) => later(one.at, since));
  }

  list_sync_history({ since }) {
    return this.store.history.filter((one) => later(one.at, since));
  }

  // -- logic ------------------------------------------------------------------------------------------------------

  create_rule({ rule }) {
    if (!this.sync.shapes.get(rule.kind)?.fields.has(rule.field)) {
      throw new NotSupported("create_rule", `the portal has no field ${rule.field} on ${rule.kind}`);
    }
    const id = `segment-${this.rules.size + 1}`;
    this.rules.set(id, rule);
    return id;
  }

  rule_members({ rule_id: id }) {
    const rule = this.rules.get(id);
    return this.store.alive(rule.kind).filter((one) => one.crmId && holds(rule, one.values)).map((one) => one.crmId);
  }

  delete_rule({ rule_id: id }) {
    this.rules.delete(id);
  }

  // -- inside -----------------------------------------------------------------------------------------------------

  async round() {
    if (this.connected && !this.held) await this.sync.run();
  }

  need(operation) {
    if (!this.connected) throw new NotSupported(operation, "the portal is not connected to a CRM");
    return this.sync.crm;
  }

  shown(record) {
    const names = [...this.sync.shapes.get(record.kind).fields.keys(), RECORD_TYPE];
    const fields = Object.fromEntries(names.filter((name) => name in record.values).map((name) => [name, record.values[name]]));
    return { kind: record.kind, prm_id: record.id, crm_id: record.crmId, fields, raw: record.values };
  }

  /** The values to send, and a complaint if the portal cannot take them. */
  checked(kind, values, permission) {
    const shape = this.connected ? this.sync.shapes.get(kind) : null;
    if (!shape) return [{}, `the portal does not carry ${kind}`];
    const { [RECORD_TYPE]: chosen, ...wanted } = values;
    if (chosen) {
      if (!shape.recordTypes.has(chosen)) return [{}, `${kind} has no record type ${chosen}`];
      wanted.RecordTypeId = shape.recordTypes.get(chosen);
    }
    const wrong = Object.keys(wanted).find((name) => !shape.fields.get(name)?.[permission]);
    return [wanted, wrong ? `${wrong} cannot be set on ${kind}` : ""];
  }

  /** A live record of the same name or address that belongs to another partner. */
  registered(kind, wanted, partner) {
    const keys = SAME[kind] ?? [];
    if (!keys.length || !keys.every((key) => wanted[key])) return undefined;
    return this.store.alive(kind).find((one) => keys.every((key) => one.values[key] === wanted[key]) && !sees(one, partner));
  }
}

function sees(record, partner) {
  const own = record.kind === "Account" ? record.crmId : record.values.Partner_Account__c ?? (
    "Partner_Account__c" in record.values ? null : record.values.AccountId
  );
  return typeof own === "string" && own.slice(0, 15) === partner.slice(0, 15);
}

function named({ [RECORD_TYPE]: chosen }) {
  return chosen ? { [RECORD_TYPE]: chosen } : {};
}

function later(at, since) {
  return !since || Date.parse(at) >= Date.parse(since);
}

function refused(message, prmId = null) {
  return { state: "rejected", prm_id: prmId, messages: [message] };
}

function did(id, title, minutes) {
  return { done: true, steps: [{ id, title, actor: "admin", hands_on_minutes: minutes }] };
}
