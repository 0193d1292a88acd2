import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { ActionSubresource, ResourceType } from '../../registry/resource-type.js';
import { builtinStrategy } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { coreV1 } from './core-group.js';

/** The type of service accounts; `token` answers requests for their tokens. */
export function serviceAccounts(token: ActionSubresource): ResourceType {
  return builtinType({
    gvk: coreV1('ServiceAccount'),
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    namespaced: true,
    strategy: builtinStrategy(
      {
        deleteReturnsObject: true,
        prepareForCreate: keepSecretNames,
        prepareForUpdate: keepSecretNames,
      },
      'core',
      'change, whole',
    ),
    subresources: { token },
  });
}

/** Of the references to Secrets only the names count. */
function keepSecretNames(account: KubeObject): void {
  const references = readObjects(account, 'secrets');
  if (references.every((reference) => Object.keys(reference).length === 1)) return;
  account.secrets = references.map((reference) => {
    const name = readString(reference, 'name');
    return name === '' ? {} : { name };
  });
}
