import { ApiServer } from '@kcp/apiserver/http/server';
import { SHUTDOWN_GRACE_MS } from '@kcp/apiserver/limits';
import { ensureCertificates } from '../certificates/ensure-certificates.js';
import { requestSigner } from '../certificates/request-signer.js';
import { type ServingMaterial, servingMaterial } from '../certificates/serving-material.js';
import type { CertificateFiles, ListenAddress } from '../config/server-config.js';
import { type FileWatch, watchFiles } from '../files/watch-files.js';
import { type KubeconfigSource, serverUrl } from '../kubeconfig/server-kubeconfigs.js';
import type { Log } from '../log/log.js';
import type { AssembledServer } from './assemble-server.js';
import type { Trust } from './start-controllers.js';
import type { Listener } from './start-core.js';

export interface SocketOptions {
  readonly listen: ListenAddress;
  /** The first stands in the URL. */
  readonly externalHostnames: readonly string[];
  /** Where certificates are kept; undefined: nowhere. */
  readonly certificateDirectory: string | undefined;
  readonly serving: CertificateFiles | undefined;
  readonly clientCaFile: string | undefined;
  /** Authorities of authenticating proxies. */
  readonly proxyCaFile?: string;
}

export interface OpenSocket extends Listener {
  readonly port: number;
  /** `https://host:port`, as kubeconfigs have it. */
  readonly url: string;
  /** What a kubeconfig for the administrator needs. */
  readonly access: KubeconfigSource;
  /** What controllers need to make others believe the server. */
  readonly trust: Trust;
  /** Takes no more; open requests end within `graceMs`. */
  close(graceMs?: number): Promise<void>;
  /** After a close: lets clients in again, at the same address and with the same certificates. */
  reopen(): Promise<void>;
}

/** Lets clients in over TLS. Rejects with CertificateFault or what the system says of the port. */
export async function openSocket(
  { chain, pressure }: AssembledServer,
  options: SocketOptions,
  log: Log,
): Promise<OpenSocket> {
  const { listen, externalHostnames } = options;
  const names = listen.host === undefined ? externalHostnames : [...externalHostnames, listen.host];
  const own = ensureCertificates({ directory: options.certificateDirectory, names, now: Date.now() });
  const load = () => servingMaterial(own, options.serving, options.clientCaFile, options.proxyCaFile);
  const material = load();
  const serverAt = (port: number): ApiServer =>
    new ApiServer({
      ...listen,
      port,
      ...load(),
      handler: chain,
      pressure,
      onError: (error) => log.error('a connection failed', { error }),
    });
  let socket = serverAt(listen.port);
  const port = await socket.listen();
  let files = followFiles(socket, options, load, log);
  const url = serverUrl(externalHostnames[0] ?? listen.host, port);
  return {
    port,
    url,
    access: { serverUrl: url, trusted: material.trusted, client: own.admin },
    trust: { authorities: material.trusted, signer: requestSigner(own.issuer) },
    close: (graceMs = SHUTDOWN_GRACE_MS) => {
      files.close();
      return socket.close(graceMs);
    },
    async reopen() {
      socket = serverAt(port);
      await socket.listen();
      files = followFiles(socket, options, load, log);
    },
  };
}

/** Certificates that the user renews are taken into use without a restart; what cannot be used changes nothing. */
function followFiles(
  socket: ApiServer,
  { serving, clientCaFile, proxyCaFile }: SocketOptions,
  load: () => ServingMaterial,
  log: Log,
): FileWatch {
  const paths = [serving?.certificateFile, serving?.keyFile, clientCaFile, proxyCaFile];
  const files = paths.filter((path) => path !== undefined);
  return watchFiles(files, () => {
    try {
      socket.reload(load());
      log.info('certificates were read anew', { files });
    } catch (error) {
      log.error('changed certificates cannot be used', { files, error });
    }
  });
}
