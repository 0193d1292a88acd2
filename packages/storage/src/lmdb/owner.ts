import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { StorageError } from '../errors.js';
import { processIdentity } from './process-identity.js';

interface Owner {
  readonly pid: number;
  readonly identity: string;
}

const OWNER_KEY = Buffer.from('owner');
const OWNER_FILE = 'owner.json';

/**
 * Throws `unavailable` when the directory's owner file names a living process: the usual case of a second server, found
 * before anything is opened. The decision that counts is `claimDirectory`.
 */
export function checkOwnerFile(directory: string): void {
  let text: string;
  try {
    text = readFileSync(join(directory, OWNER_FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  throwIfHeld(directory, parseOwner(text));
}

/**
 * Makes this process the owner of the directory, or throws `unavailable`. Check and claim are one LMDB write
 * transaction, whose lock spans processes and is freed by the system when its holder dies; so two that start at once
 * cannot both win, and what a dead process left behind is taken over.
 */
export function claimDirectory(
  directory: string,
  root: RootDatabase<Buffer, Buffer>,
  meta: Database<Buffer, Buffer>,
): void {
  const identity = processIdentity(process.pid);
  if (identity === undefined) throw new StorageError('unavailable', 'this process cannot see itself');
  const claim = JSON.stringify({ pid: process.pid, identity } satisfies Owner);
  root.transactionSync(() => {
    const held = meta.getBinary(OWNER_KEY);
    if (held !== undefined) throwIfHeld(directory, parseOwner(held.toString()));
    meta.putSync(OWNER_KEY, Buffer.from(claim));
  });
  writeFileSync(join(directory, OWNER_FILE), `${claim}\n`);
}

/** The counterpart of `claimDirectory`. */
export function releaseDirectory(directory: string, meta: Database<Buffer, Buffer>): void {
  meta.removeSync(OWNER_KEY);
  rmSync(join(directory, OWNER_FILE), { force: true });
}

function throwIfHeld(directory: string, owner: Owner | undefined): void {
  if (owner === undefined || processIdentity(owner.pid) !== owner.identity) return;
  const text = `data directory ${directory} is in use by process ${owner.pid}; stop it, or choose another directory`;
  throw new StorageError('unavailable', text);
}

/** Undefined for a claim that was not written to its end: who wrote it does not live any more. */
function parseOwner(text: string): Owner | undefined {
  let owner: unknown;
  try {
    owner = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('identity' in owner)) return undefined;
  const { pid, identity } = owner;
  return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : undefined;
}
