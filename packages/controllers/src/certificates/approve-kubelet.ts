import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { readCertificateRequest } from '@kcp/apimachinery/x509/certificate-request';
import type { Client } from '@kcp/client/rest/client';
import { conditionsOf, withCondition } from '../controller/conditions.js';
import { unlessGone } from '../controller/unless-gone.js';
import { kubeletFault } from './client-certificate.js';
import { REQUESTS, specOf } from './signing-request.js';

const ACCESS_REVIEWS = { group: 'authorization.k8s.io', version: 'v1', resource: 'subjectaccessreviews' };

/** Who may have a kubelet's certificate without anyone's asking: upstream's rules, the first that fits decides. */
const RULES = [
  {
    subresource: 'selfnodeclient',
    ownName: true,
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  },
  {
    subresource: 'nodeclient',
    ownName: false,
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  },
];

/** Approves a request for a kubelet's client certificate when the requester may have it; does nothing otherwise. */
export async function approveKubelet(
  client: Client,
  request: KubeObject,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const spec = specOf(request);
  const requested = readCertificateRequest(Buffer.from(readString(spec, 'request'), 'base64').toString());
  if (kubeletFault(requested, readStrings(spec, 'usages')) !== undefined) return;
  for (const { subresource, ownName, message } of RULES) {
    if (ownName && readString(spec, 'username') !== requested.commonName) continue;
    if (!(await mayCreate(client, spec, subresource, signal))) continue;
    const status = readObject(request, 'status') ?? {};
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message } as const;
    const wanted = {
      ...request,
      status: { ...status, conditions: withCondition(conditionsOf(status), approved, now) },
    };
    await unlessGone(client.update(REQUESTS, wanted, { subresource: 'approval', signal }));
    return;
  }
}

async function mayCreate(client: Client, spec: JsonObject, subresource: string, signal: AbortSignal): Promise<boolean> {
  const { group, resource } = REQUESTS;
  const review = await client.create(
    ACCESS_REVIEWS,
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: {
        user: readString(spec, 'username'),
        uid: readString(spec, 'uid'),
        groups: readStrings(spec, 'groups'),
        extra: readObject(spec, 'extra') ?? {},
        resourceAttributes: { group, resource, verb: 'create', subresource, version: '*' },
      },
    },
    { signal },
  );
  return readBoolean(readObject(review, 'status') ?? {}, 'allowed');
}
