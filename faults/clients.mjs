// Clients that write down what they asked and what they were told.
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from './server.mjs';

const PATH = '/api/v1/namespaces/default/configmaps';
/** After an answer that another moment may change. */
const PAUSE_MS = 20;
/** Between the operations of a client in a long run, whose whole history has to fit in memory to be judged. */
const LONG_RUN_SECONDS = 60;
const PACE_MS = Number(process.env.FAULT_SECONDS ?? 0) > LONG_RUN_SECONDS ? 15 : 0;

/** What all clients of one run have seen. `now` orders calls and answers. */
export class Record {
  /** key → operations, for `checkRegister`. */
  operations = new Map();
  writes = [];
  watches = [];
  /** Answers from 500 on, and requests that nobody answered. */
  failures = new Map();
  #clock = 0;

  now() {
    return this.#clock++;
  }

  add(key, operation) {
    if (!this.operations.has(key)) this.operations.set(key, []);
    this.operations.get(key).push(operation);
  }

  failed(what) {
    this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
  }
}

/** Works on a few keys until told to stop, at one server after another when the one it is at does not answer. */
export class Client {
  #id;
  #connections;
  #record;
  #at;
  /** What it read last of each key. */
  #known = new Map();
  #count = 0;
  #random;

  constructor(id, servers, record) {
    this.#id = id;
    this.#connections = servers.map((server) => new Connection(server));
    this.#at = id % servers.length;
    this.#record = record;
    this.#random = id * 7_919 + 1;
  }

  async run(keys, signal) {
    while (!signal.aborted) {
      const key = keys[this.#below(keys.length)];
      const choice = this.#below(10);
      // Whoever was refused looks before he tries again.
      if (choice < 4 || !this.#known.has(key)) await this.#read(key);
      else if (choice < 5) await this.#list();
      else await this.#write(key, choice === 9);
      if (PACE_MS > 0) await pause(PACE_MS);
    }
    for (const connection of this.#connections) connection.close();
  }

  async #read(key) {
    const call = this.#record.now();
    const answer = await this.#ask('GET', `${PATH}/${key}`);
    if (answer === undefined) return;
    const found = answer.status === 200 ? answer.object : undefined;
    this.#known.set(key, found);
    this.#record.add(key, { op: 'get', answer: 'ok', found: found?.data.v, call, end: this.#record.now() });
  }

  /** A list is a read of every key, of which it shows those that are there. */
  async #list() {
    const call = this.#record.now();
    const answer = await this.#ask('GET', PATH);
    if (answer?.status !== 200) return;
    const end = this.#record.now();
    const found = new Map(answer.object.items.map(({ metadata, data }) => [metadata.name, data?.v]));
    for (const key of this.#record.operations.keys()) {
      this.#record.add(key, { op: 'get', answer: 'ok', found: found.get(key), call, end });
    }
  }

  async #write(key, deletion) {
    const known = this.#known.get(key);
    const value = `${this.#id}-${this.#count++}`;
    const expected = known?.data.v;
    const metadata = { name: key, ...(known && { resourceVersion: known.metadata.resourceVersion }) };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { v: value } };
    const { resourceVersion } = metadata;
    const call = this.#record.now();
    let op = 'create';
    let answer;
    if (known === undefined) answer = await this.#ask('POST', PATH, body);
    else if (deletion) {
      op = 'delete';
      answer = await this.#ask('DELETE', `${PATH}/${key}`, { preconditions: { resourceVersion } });
    } else {
      op = 'update';
      answer = await this.#ask('PUT', `${PATH}/${key}`, body);
    }
    const told = answer === undefined ? 'unknown' : verdict(answer, op);
    const written = op === 'delete' ? {} : { value };
    this.#record.add(key, { op, expected, answer: told, call, end: this.#record.now(), ...written });
    if (told === 'ok') this.#acknowledged(key, op, answer.object, value);
    else this.#known.delete(key);
  }

  #acknowledged(key, op, object, value) {
    this.#known.set(key, op === 'delete' ? undefined : object);
    // The answer to a deletion does not name its revision.
    if (op !== 'delete') this.#record.writes.push({ key, revision: Number(object.metadata.resourceVersion), value });
  }

  /** Undefined: it is not known whether it was carried out. */
  async #ask(method, path, body) {
    try {
      const answer = await this.#connections[this.#at].call(method, path, body);
      if (answer.status !== undefined && answer.status < 500 && answer.status !== 429) return answer;
      this.#record.failed(`${answer.status} ${answer.object?.reason ?? ''}`);
    } catch {
      this.#record.failed('no answer');
    }
    this.#at = (this.#at + 1) % this.#connections.length;
    await pause(PAUSE_MS);
    return undefined;
  }

  #below(limit) {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random % limit;
  }
}

function verdict({ status, object }, op) {
  if (status < 300) return 'ok';
  if (status === 404) return 'absent';
  if (status === 409) return op === 'create' ? 'exists' : 'conflict';
  throw new Error(`${op} was answered with ${status}: ${object?.message}`);
}

/** Watches from a revision on, at one server after another, until the signal aborts; begins anew where history is gone. */
export async function watch(servers, from, record, signal) {
  const connections = servers.map((server) => new Connection(server));
  let heard = { from, to: from, events: [] };
  record.watches.push(heard);
  for (let at = 0; !signal.aborted; at++) {
    const connection = connections[at % connections.length];
    let expired = false;
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${heard.to}`;
    await connection
      .follow(`${PATH}?${query}`, signal, ({ type, object }) => {
        if (type === 'ERROR' || object.kind === 'Status') expired = object.code === 410;
        else note(heard, type, object);
      })
      // No connection: the next one, after the pause.
      .catch(() => record.failed('no watch'));
    if (expired) {
      const list = await connection.call('GET', PATH).catch(() => undefined);
      const revision = Number(list?.object?.metadata?.resourceVersion);
      if (revision > 0) {
        heard = { from: revision, to: revision, events: [] };
        record.watches.push(heard);
      }
    }
    await pause(PAUSE_MS);
  }
  for (const connection of connections) connection.close();
}

function note(heard, type, { metadata, data }) {
  const revision = Number(metadata.resourceVersion);
  if (type !== 'BOOKMARK') heard.events.push({ type, key: metadata.name, revision, value: data?.v });
  heard.to = Math.max(heard.to, revision);
}

/** Waits until every watch has heard of everything, then ends them. */
export async function heardAll(record, revision, patienceMs) {
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    const open = record.watches.filter(({ from }) => from < revision);
    if (open.every(({ to }) => to >= revision)) return true;
    await pause(PAUSE_MS);
  }
  return false;
}
