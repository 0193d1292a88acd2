import { DerError } from '@kcp/apimachinery/x509/read-der';
import { Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { REQUESTS_AT_ONCE } from '../limits.js';
import { approveKubelet } from './approve-kubelet.js';
import { CLIENT_SIGNER, KUBELET_SIGNER } from './client-certificate.js';
import { issueCertificate } from './issue-certificate.js';
import type { Signer } from './signer.js';
import { digestOf, REQUESTS, type RequestDigest } from './signing-request.js';

/**
 * What happens to CertificateSigningRequests by itself, in every logical cluster: kubelets that may have their
 * certificate are approved, approved client certificates are signed by the server's authority, and requests that are
 * settled or that nobody answers are cleaned away after upstream's times.
 */
export class RequestController {
  readonly #environment: Environment;
  #signer: Signer | undefined;
  readonly #requests: Informer<RequestDigest>;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#requests = new Informer<RequestDigest>({
      ...environment,
      resource: REQUESTS,
      keep: digestOf,
      onError: (error) => environment.log.warn('signing requests cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'certificate signing requests',
      environment,
      sources: [this.#requests],
      textOf: keyText,
      workers: REQUESTS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#requests.subscribe(({ key, after }) => {
      if (after !== undefined) this.#controller.enqueue(key);
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#requests.stop();
  }

  /** From now on approved requests are signed. */
  signWith(signer: Signer): void {
    this.#signer = signer;
    for (const { key } of this.#requests.entries()) this.#controller.enqueue(key);
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const known = this.#requests.get(key)?.value;
    if (known === undefined) return undefined;
    const { clock, log } = this.#environment;
    const leftMs = known.expiresMs === undefined ? undefined : known.expiresMs - clock.now();
    if (leftMs !== undefined && leftMs <= 0) {
      await unlessGone(this.#environment.client.in(key.cluster).delete(REQUESTS, { name: key.name }, { signal }));
      return undefined;
    }
    try {
      await this.#answer(key, known, signal);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      log.debug(2, 'a signing request cannot be read', { cluster: key.cluster, name: key.name, error });
    }
    return leftMs === undefined ? undefined : { afterMs: leftMs };
  }

  async #answer({ cluster, name }: ObjectKey, known: RequestDigest, signal: AbortSignal): Promise<void> {
    const { signerName, issued, failed, denied, approved } = known;
    if (issued || failed || denied || (signerName !== CLIENT_SIGNER && signerName !== KUBELET_SIGNER)) return;
    if (!approved && signerName !== KUBELET_SIGNER) return;
    const client = this.#environment.client.in(cluster);
    const request = await unlessGone(client.get(REQUESTS, { name }, { signal }));
    if (request === undefined) return;
    const now = this.#environment.clock.now();
    if (!approved) await approveKubelet(client, request, now, signal);
    else if (this.#signer !== undefined) await issueCertificate(client, request, this.#signer, now, signal);
  }
}
