// When the portal works: by itself on the real clock, or when it is told that time has passed.

export class Clock {
  constructor({ virtual, cycle, work }) {
    Object.assign(this, { virtual, cycle, work });
    this.at = Date.now();
    this.next = null;
    this.timer = null;
  }

  /** Milliseconds since 1970. */
  now() {
    return this.virtual ? this.at : Date.now();
  }

  iso() {
    return new Date(this.now()).toISOString();
  }

  start() {
    this.next = this.now() + this.cycle * 1000;
    if (!this.virtual) this.tick();
  }

  stop() {
    this.next = null;
    clearTimeout(this.timer);
  }

  setCycle(seconds) {
    this.cycle = seconds;
    if (this.next !== null) this.start();
  }

  /** Let time pass up to ``now``, doing what falls due on the way. */
  async elapse(seconds, now) {
    const end = Date.parse(now);
    if (this.next !== null) this.next += end - seconds * 1000 - this.at;
    while (this.next !== null && this.next <= end) {
      this.at = this.next;
      this.next += this.cycle * 1000;
      await this.work();
    }
    this.at = end;
  }

  tick() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      await this.work();
      if (this.next !== null) this.tick();
    }, this.cycle * 1000);
  }
}

/**
 * In driven time a pause between two attempts of a client costs nothing. Limits on how long something may take are
 * longer than any such pause, and stay.
 */
export function pausesCostNothing(longest = 30_000) {
  const real = globalThis.setTimeout;
  globalThis.setTimeout = (work, ms, ...rest) => real(work, ms <= longest ? 0 : ms, ...rest);
}
