/** A kubeconfig (`v1` `Config`) as it stands in its file: references by name, data still in base64. */
export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
}

export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string | undefined;
}

export interface KubeconfigCluster {
  readonly server: string;
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
  readonly authority: Material | undefined;
}

export interface KubeconfigUser {
  readonly certificate: Material | undefined;
  readonly key: Material | undefined;
  readonly token: TokenSource | undefined;
}

/** PEM text, or the path of a file with it. Data in the kubeconfig wins over a file. */
export type Material =
  | { readonly kind: 'data'; readonly pem: string }
  | { readonly kind: 'file'; readonly path: string };

export type TokenSource =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'file'; readonly path: string };

/** A kubeconfig that cannot be used; the message says where. */
export class KubeconfigFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KubeconfigFault';
  }
}
