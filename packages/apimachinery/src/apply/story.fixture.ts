import assert from 'node:assert/strict';
import { StatusError } from '../errors/status-error.js';
import { deepEqual, type JsonObject } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import type { KubeObject, ObjectMeta } from '../meta/object.js';
import { applyPatch } from './apply-patch.js';
import { type FieldSet, LEAF } from './field-set.js';
import { trackUpdate } from './track-update.js';

/** What a request says of an object; the story fills in the rest. */
export interface Body {
  readonly metadata?: ObjectMeta;
  readonly [member: string]: JsonObject[string];
}

interface StorySettings {
  readonly type: MergeType;
  readonly apiVersion: string;
  readonly kind: string;
  /** Stands for what the write path does after merging. */
  readonly defaults?: (object: KubeObject) => KubeObject;
}

const RESET: Readonly<Record<string, FieldSet>> = { '': { 'f:status': LEAF }, status: { 'f:spec': LEAF } };

/** One object over time, as the write path would treat it: requests come, seconds pass. */
export class Story {
  live: KubeObject | undefined;
  readonly #settings: StorySettings;
  #seconds = 0;

  constructor(settings: StorySettings) {
    this.#settings = settings;
  }

  get now(): string {
    return `2026-01-02T03:04:${String(this.#seconds).padStart(2, '0')}Z`;
  }

  aSecondPasses(): void {
    this.#seconds++;
  }

  /** Server-side apply; false when nothing changed. */
  apply(manager: string, body: Body, { force = false, subresource = '' } = {}): boolean {
    const { type, apiVersion, defaults = (object: KubeObject) => object } = this.#settings;
    const result = applyPatch({
      type,
      live: this.live,
      applied: this.#object(body),
      manager,
      apiVersion,
      subresource,
      now: this.now,
      force,
      resetFields: RESET[subresource] ?? {},
    });
    if (result === undefined) return false;
    const ignored = subresource === 'status' ? 'spec' : 'status';
    const { [ignored]: _, ...kept } = result;
    const before = this.live?.[ignored];
    this.live = defaults(this.#object({ ...kept, ...(before === undefined ? {} : { [ignored]: before }) }));
    return true;
  }

  refused(manager: string, body: Body, subresource = ''): StatusError {
    try {
      this.apply(manager, body, { subresource });
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
    return assert.fail('the apply was not refused');
  }

  /** A create, update or patch that leaves the object like this; managedFields as in `body`, else the live ones. */
  update(manager: string, body: Body): void {
    const { type, apiVersion } = this.#settings;
    const live = this.live;
    const managedFields = body.metadata?.managedFields ?? live?.metadata.managedFields;
    const sent = this.#object({
      ...body,
      metadata: { ...body.metadata, ...(managedFields === undefined ? {} : { managedFields }) },
    });
    const tracked = trackUpdate({ type, live, next: sent, manager, apiVersion, subresource: '', now: this.now });
    const { managedFields: _, ...metadata } = sent.metadata;
    this.live = { ...sent, metadata: tracked === undefined ? metadata : { ...metadata, managedFields: tracked } };
  }

  /** `manager Operation: fields`, `(untimed)` where the entry has no time. */
  get managers(): string[] {
    return (this.live?.metadata.managedFields ?? []).map((entry) => {
      const within = entry.subresource === undefined ? '' : ` /${entry.subresource}`;
      const untimed = entry.time === undefined ? ' (untimed)' : '';
      return `${entry.manager} ${entry.operation}${within}${untimed}: ${JSON.stringify(entry.fieldsV1)}`;
    });
  }

  expect(member: string, value: JsonObject[string]): void {
    const actual = this.live?.[member];
    assert.ok(deepEqual(actual, value), `${member} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`);
  }

  #object(body: Body): KubeObject {
    const { apiVersion, kind } = this.#settings;
    return { apiVersion, kind, ...body, metadata: { name: 'o', ...body.metadata } };
  }
}
