import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObjects, readString } from '@kcp/apimachinery/schema/read';
import { builtinStrategy } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { coreV1 } from './core-group.js';

export const SERVICE_ACCOUNTS = builtinType({
  gvk: coreV1('ServiceAccount'),
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  strategy: builtinStrategy({
    deleteReturnsObject: true,
    prepareForCreate: keepSecretNames,
    prepareForUpdate: keepSecretNames,
  }),
});

/** Of the references to Secrets only the names count. */
function keepSecretNames(account: KubeObject): void {
  const references = readObjects(account, 'secrets');
  if (references.every((reference) => Object.keys(reference).length === 1)) return;
  account.secrets = references.map((reference) => {
    const name = readString(reference, 'name');
    return name === '' ? {} : { name };
  });
}
