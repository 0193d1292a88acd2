// Are watches complete? Each event once, in order, none missing, and the same for everybody.

/**
 * What one watch heard: everything after revision `from`, up to `to` (the last event or bookmark).
 * @typedef {{ from: number, to: number, events: readonly { type: string, key: string, revision: number, value: string }[] }} Watch
 * A write that was acknowledged; `value` undefined for a deletion.
 * @typedef {{ key: string, revision: number, value?: string }} Write
 */

/**
 * What is wrong, in words; empty when nothing is.
 * @param {readonly Watch[]} watches
 * @param {readonly Write[]} writes
 */
export function checkWatches(watches, writes) {
  const faults = [];
  /** revision → the event as the first watch told it. */
  const log = new Map();
  for (const [number, { events, from }] of watches.entries()) {
    let last = from;
    for (const event of events) {
      const text = textOf(event);
      if (event.revision === last) faults.push(`watch ${number} heard ${text} twice`);
      else if (event.revision < last) faults.push(`watch ${number} heard ${text} after revision ${last}`);
      const known = log.get(event.revision);
      if (known === undefined) log.set(event.revision, event);
      else if (textOf(known) !== text) faults.push(`watch ${number} heard ${text}, another ${textOf(known)}`);
      last = Math.max(last, event.revision);
    }
  }
  faults.push(...lostWrites(log, writes), ...missing(log, watches, writes), ...impossible(log));
  return faults;
}

/** Acknowledged writes that are told as something else. */
function lostWrites(log, writes) {
  return writes.flatMap((write) => {
    const event = log.get(write.revision);
    if (event === undefined) return [];
    const same = event.key === write.key && (event.type === 'DELETED') === (write.value === undefined);
    if (same && (write.value === undefined || event.value === write.value)) return [];
    return [`revision ${write.revision} was acknowledged for ${write.key}, and watches heard ${textOf(event)}`];
  });
}

/** Events that a watch should have heard and did not: those of other watches, and acknowledged writes. */
function missing(log, watches, writes) {
  const revisions = new Set([...log.keys(), ...writes.map(({ revision }) => revision)]);
  const all = [...revisions].sort((a, b) => a - b);
  return watches.flatMap(({ from, to, events }, number) => {
    const heard = new Set(events.map(({ revision }) => revision));
    const lost = all.filter((revision) => revision > from && revision <= to && !heard.has(revision));
    return lost.map((revision) => `watch ${number}, from ${from} to ${to}, did not hear of revision ${revision}`);
  });
}

/** An object is added where there is none, and changed or deleted where there is one. */
function impossible(log) {
  const present = new Map();
  const faults = [];
  for (const event of [...log.values()].sort((a, b) => a.revision - b.revision)) {
    const was = present.get(event.key);
    if (was !== undefined && was !== (event.type !== 'ADDED')) {
      faults.push(`${textOf(event)} though the object was ${was ? 'there' : 'not there'}`);
    }
    present.set(event.key, event.type !== 'DELETED');
  }
  return faults;
}

function textOf({ type, key, revision, value }) {
  return `${type} ${key}=${value}@${revision}`;
}
