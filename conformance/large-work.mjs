// Work of any size for a server in this process, and how long it holds the event loop.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';

export const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
let groups = 0;

/** A definition of a group of its own, whose objects have this schema as their spec. */
export function definition(spec) {
  const group = `g${groups++}.dev`;
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `xs.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'xs', singular: 'x', kind: 'X', listKind: 'XList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/**
 * Runs something and counts the processor time of each turn of the event loop meanwhile, so that waiting for the
 * processor does not count. Resolves with the longest turn, in milliseconds, and with the error, if there was one.
 */
export async function turnsOf(work) {
  let longest = 0;
  let running = true;
  let since = look();
  const turn = () => {
    const now = look();
    longest = Math.max(longest, Math.min(now.clock - since.clock, now.processor - since.processor));
    since = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const error = await work().then(
    () => undefined,
    (reason) => reason,
  );
  // What follows a write belongs to it: the controllers' part, and what is made of the new definition.
  await new Promise((resolve) => setTimeout(resolve, 50));
  running = false;
  return { longest, error };
}

function look() {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), processor: (user + system) / 1_000 };
}

/** As long as this one turn of the event loop may keep the processor: nobody else is served meanwhile. */
const STALL_MS_MAX = 50;
/** A machine that is busy or has just begun may make one attempt slow, but not all of them. */
const ATTEMPTS = 3;

/** Resolves with the error of work for which nobody had to wait for long. `work` makes another attempt each time. */
export async function undisturbed(work) {
  const seen = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { longest, error } = await turnsOf(() => work(attempt));
    if (longest < STALL_MS_MAX) return error;
    seen.push(Math.round(longest));
  }
  return assert.fail(`the event loop stood still for ${seen.join(', ')} ms`);
}

/** Waits until objects of a definition can be made. */
export async function served(client, { metadata: { name } }) {
  const isEstablished = ({ type, status }) => type === 'Established' && status === 'True';
  for await (const { object } of client.watchOnce(CRDS, { fieldSelector: `metadata.name=${name}` })) {
    if (object.status?.conditions?.some(isEstablished)) return;
  }
}
