// What can go wrong, and what it calls for.

/** The product does not do this; the harness is told so and not that something broke. */
export class NotSupported extends Error {
  constructor(operation, note = "") {
    super(`${operation} is not supported${note ? `: ${note}` : ""}`);
    this.note = note;
  }
}

const PASSING = new Set(["UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT"]);
const LOGIN = /^(INVALID_LOGIN|LOGIN_|PASSWORD_|invalid_grant|INVALID_SESSION_ID)/;

/** What jsforce threw, as the portal speaks of it. */
export class Trouble {
  constructor(error) {
    const first = Array.isArray(error.data) ? error.data[0] : undefined;
    this.code = error.errorCode ?? error.name ?? "UNKNOWN";
    this.message = first?.message ?? error.message ?? String(error);
    this.fields = first?.fields ?? error.fields ?? [];
    // An error of the network carries a code of the system, an answer that is no JSON an HTTP status.
    this.lost = typeof error.code === "string" || error instanceof TypeError;
    this.server = /^ERROR_HTTP_5/.test(this.code);
  }

  get quota() {
    return this.code === "REQUEST_LIMIT_EXCEEDED";
  }

  get login() {
    return LOGIN.test(this.code);
  }

  /** Worth another attempt without anybody doing anything. */
  get passing() {
    return this.lost || this.server || this.quota || this.login || PASSING.has(this.code);
  }

  toString() {
    return `${this.code}: ${this.message}${this.fields.length ? ` (${this.fields.join(", ")})` : ""}`;
  }
}
