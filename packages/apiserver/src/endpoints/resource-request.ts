import { newMethodNotAllowed } from '@kcp/apimachinery/errors/status-error';
import { ALL_CLUSTERS, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { UserInfo } from '../authn/user.js';
import type { Warnings } from '../handler/warnings.js';
import type { ApiRequest } from '../http/exchange.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType, Subresource } from '../registry/resource-type.js';
import type { Strategy } from '../registry/strategy.js';
import type { WriteScope } from '../registry/write-scope.js';
import type { RequestInfo, ResourceTarget } from '../request/request-info.js';
import type { WriteOptions } from '../request/write-options.js';

/** A request for a resource that is served and that the user may make. */
export interface ResourceRequest {
  readonly registry: Registry;
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly target: ResourceTarget;
  readonly type: ResourceType;
  readonly subresource: Subresource | undefined;
  readonly user: UserInfo;
  readonly warnings: Warnings;
  /** Throws 403 where the user may change objects of this resource and not create them: a write can do both. */
  readonly mayCreate: () => Promise<void>;
  /** Adds to the audit event, where there is one. */
  readonly annotate?: (key: string, value: string) => void;
}

/** The one cluster of a write or of a read of one object; the wildcard is for lists and watches (405). */
export function clusterOf({ info }: ResourceRequest): ClusterName {
  if (info.scope === ALL_CLUSTERS) throw newMethodNotAllowed();
  return info.scope;
}

/** The kind that bodies and answers of this endpoint have. */
export function kindOf({ type, subresource }: ResourceRequest): ResourceType['gvk'] {
  return subresource?.kind ?? type.gvk;
}

/** The write that a request asks for. `name` is empty for a creation. */
export function writeScope(rr: ResourceRequest, options: WriteOptions, name: string): WriteScope {
  return {
    cluster: clusterOf(rr),
    type: rr.type,
    strategy: strategyOf(rr),
    subresource: rr.target.subresource,
    namespace: rr.type.namespaced ? rr.target.namespace : '',
    name,
    user: rr.user,
    dryRun: options.dryRun,
    fieldManager: options.fieldManager,
    options: options.stated,
    request: rr.request,
    warn: (text) => rr.warnings.add(text),
    ...(rr.annotate === undefined ? {} : { annotate: rr.annotate }),
  };
}

function strategyOf({ type, subresource }: ResourceRequest): Strategy {
  return subresource === undefined || subresource.form === 'action' ? type.strategy : subresource.strategy;
}
