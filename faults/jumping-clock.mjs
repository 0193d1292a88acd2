// Loaded before a server (--import): each SIGUSR2 moves its clock by an hour, forward, back, forward … What only ever
// grows (performance.now, timers) does not jump, as in a process whose machine is set to another time.
const HOUR_MS = 60 * 60 * 1_000;
const RealDate = Date;
const realNow = Date.now;
let shift = 0;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [realNow() + shift] : parts));
  }

  static now() {
    return realNow() + shift;
  }
};

process.on('SIGUSR2', () => {
  shift = shift === 0 ? HOUR_MS : 0;
});
