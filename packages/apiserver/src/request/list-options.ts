import { type FieldError, forbidden, notSupported } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { OWNERSHIP_ONLY } from '@kcp/apimachinery/meta/ownership-only';
import { refuseFaults } from './options-fault.js';
import type { Query } from './query.js';

/** What a list or watch asks for, checked. */
export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** Empty: the newest. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  /** 0: no limit. */
  readonly limit: number;
  readonly continue: string;
  /** Seconds; 0: not given. */
  readonly timeoutSeconds: number;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  /** Of a watch: leave out what concerns nobody's ownership. */
  readonly ownershipOnly: boolean;
}

/** Reads the query. Throws 400 for what cannot be decoded and 422 for combinations that upstream forbids. */
export function parseListOptions(query: Query, watch: boolean): ListOptions {
  const match = query.get('resourceVersionMatch');
  const options: ListOptions = {
    labelSelector: query.get('labelSelector'),
    fieldSelector: query.get('fieldSelector'),
    resourceVersion: query.get('resourceVersion'),
    resourceVersionMatch: match === 'Exact' || match === 'NotOlderThan' ? match : '',
    limit: integer(query, 'limit'),
    continue: query.get('continue'),
    timeoutSeconds: integer(query, 'timeoutSeconds'),
    allowWatchBookmarks: query.flag('allowWatchBookmarks'),
    sendInitialEvents: query.has('sendInitialEvents') ? query.flag('sendInitialEvents') : undefined,
    ownershipOnly: watch && query.flag(OWNERSHIP_ONLY),
  };
  refuseFaults('ListOptions', watch ? watchFaults(options, match) : listFaults(options, match));
  return options;
}

/** What upstream says of a text that is no resourceVersion. */
export function notAVersion(text: string): string {
  const name = goQuote(text);
  return `resourceVersion: Invalid value: ${name}: strconv.ParseUint: parsing ${name}: invalid syntax`;
}

/** Parses a resourceVersion; undefined when it is no decimal number that a revision can be. */
export function parseResourceVersion(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

const MATCH = 'resourceVersionMatch';

const WITH_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided';

function watchFaults(options: ListOptions, match: string): FieldError[] {
  const { sendInitialEvents, resourceVersion } = options;
  const faults: FieldError[] = [];
  const isOld = sendInitialEvents === undefined && match === '';
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    faults.push(forbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '' && sendInitialEvents === undefined) {
    faults.push(forbidden(MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  }
  if (match !== '' && match !== 'NotOlderThan') faults.push(notSupported(MATCH, match, ['NotOlderThan']));
  // A watch of the old kind that begins with what there is has the new parameters filled in before it is judged.
  const matches = match !== '' || (isOld && (resourceVersion === '' || resourceVersion === '0'));
  if (matches && options.continue !== '') faults.push(forbidden(MATCH, WITH_CONTINUE));
  return faults;
}

function listFaults(options: ListOptions, match: string): FieldError[] {
  const faults = match === '' ? [] : matchFaults(options, match);
  if (options.sendInitialEvents !== undefined) {
    faults.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return faults;
}

function matchFaults(options: ListOptions, match: string): FieldError[] {
  const faults: FieldError[] = [];
  if (options.resourceVersion === '') {
    faults.push(forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (options.continue !== '') {
    faults.push(forbidden(MATCH, WITH_CONTINUE));
  }
  if (options.resourceVersionMatch === '') faults.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
  if (match === 'Exact' && options.resourceVersion === '0') {
    faults.push(forbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return faults;
}

function integer(query: Query, key: string): number {
  const text = query.get(key);
  if (text === '') return 0;
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw newBadRequest(
      `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${Number.isNaN(value) ? 'invalid syntax' : 'value out of range'}`,
    );
  }
  return Math.max(0, value);
}
