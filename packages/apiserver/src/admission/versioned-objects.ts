import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { AdmissionAttributes } from './admission.js';
import type { AdmissionForm } from './admission-form.js';

/** The object and the old object of a write in one version. */
export interface VersionedPair {
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

/**
 * Both objects of a write in the versions that webhooks and policies ask for. The old one is converted once per
 * version, the new one again after each change.
 */
export class VersionedObjects {
  readonly #attributes: AdmissionAttributes;
  readonly #old = new Map<AdmissionForm['type'], Promise<KubeObject> | KubeObject>();
  readonly #new = new Map<AdmissionForm['type'], Promise<KubeObject> | KubeObject>();

  constructor(attributes: AdmissionAttributes) {
    this.#attributes = attributes;
  }

  async in(form: AdmissionForm): Promise<VersionedPair> {
    const { object, old, type } = this.#attributes;
    return {
      object: object && (await shown(this.#new, form, object, type)),
      old: old && (await shown(this.#old, form, old, type)),
    };
  }

  /** The new object has been changed. */
  changed(): void {
    this.#new.clear();
  }
}

function shown(
  known: Map<AdmissionForm['type'], Promise<KubeObject> | KubeObject>,
  form: AdmissionForm,
  object: KubeObject,
  from: AdmissionAttributes['type'],
): Promise<KubeObject> | KubeObject {
  let result = known.get(form.type);
  if (result === undefined) {
    result = form.show(object, from);
    known.set(form.type, result);
  }
  return result;
}
