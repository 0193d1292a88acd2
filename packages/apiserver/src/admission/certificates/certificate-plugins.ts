import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { deepEqual, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { type RequestedCertificate, readCertificateRequest } from '@kcp/apimachinery/x509/certificate-request';
import { DerError } from '@kcp/apimachinery/x509/read-der';
import { MASTERS_GROUP } from '../../authn/user.js';
import type { Authorizer } from '../../authz/authorizer.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { admissionForbidden } from '../forbidden.js';
import { mayUseSigner } from './signer-permission.js';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

function isAbout({ type, operation, subresource }: AdmissionAttributes, wanted: string, verb: string): boolean {
  const { group, kind } = type.gvk;
  const requests = group === 'certificates.k8s.io' && kind === 'CertificateSigningRequest';
  return requests && operation === verb && subresource === wanted;
}

function signerOf(request: KubeObject | undefined): string {
  return readString(readObject(request ?? {}, 'spec') ?? {}, 'signerName');
}

/** Who decides on a request must be allowed to `approve` for its signer. */
export class CertificateApproval implements AdmissionPlugin {
  readonly name = 'CertificateApproval';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    if (isAbout(attributes, 'approval', 'UPDATE')) return this.#check(attributes);
  }

  async #check(attributes: AdmissionAttributes): Promise<void> {
    const signer = signerOf(attributes.old);
    if (await mayUseSigner(this.#authorizer, attributes, 'approve', signer)) return;
    throw admissionForbidden(attributes, `user not permitted to approve requests with signerName ${goQuote(signer)}`);
  }
}

/** Who issues a certificate, or writes why not, must be allowed to `sign` for the signer. */
export class CertificateSigning implements AdmissionPlugin {
  readonly name = 'CertificateSigning';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    if (isAbout(attributes, 'status', 'UPDATE') && changesAnswer(attributes)) return this.#check(attributes);
  }

  async #check(attributes: AdmissionAttributes): Promise<void> {
    const signer = signerOf(attributes.old);
    if (await mayUseSigner(this.#authorizer, attributes, 'sign', signer)) return;
    throw admissionForbidden(attributes, `user not permitted to sign requests with signerName ${goQuote(signer)}`);
  }
}

function changesAnswer({ object, old }: AdmissionAttributes): boolean {
  const member = (of: KubeObject | undefined, name: string): JsonValue =>
    readObject(of ?? {}, 'status')?.[name] ?? null;
  return ['certificate', 'conditions'].some((name) => !deepEqual(member(object, name), member(old, name)));
}

/** Nobody becomes a master by a certificate that is asked for through the API. */
export class CertificateSubjectRestriction implements AdmissionPlugin {
  readonly name = 'CertificateSubjectRestriction';

  validate(attributes: AdmissionAttributes): void {
    const { object } = attributes;
    if (!isAbout(attributes, '', 'CREATE') || signerOf(object) !== CLIENT_SIGNER) return;
    const request = readString(readObject(object ?? {}, 'spec') ?? {}, 'request');
    const { organizations } = parsed(attributes, Buffer.from(request, 'base64').toString());
    if (!organizations.includes(MASTERS_GROUP)) return;
    throw admissionForbidden(attributes, `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`);
  }
}

function parsed(attributes: AdmissionAttributes, pem: string): RequestedCertificate {
  try {
    return readCertificateRequest(pem);
  } catch (error) {
    if (error instanceof DerError) throw admissionForbidden(attributes, `failed to parse CSR: ${error.message}`);
    throw error;
  }
}
