import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { EtcdConfig } from '../config/server-config.js';

/** Where a server keeps its data. */
export type Place =
  | { readonly kind: 'embedded'; readonly rootDirectory: string }
  | { readonly kind: 'etcd'; readonly etcd: EtcdConfig };

/** What the user wants done with data while no request is served. Paths are as given. */
export type DataTask =
  | { readonly kind: 'save' | 'restore'; readonly file: string; readonly place: Place }
  | { readonly kind: 'verify'; readonly file: string }
  | { readonly kind: 'migrate'; readonly from: Place; readonly to: Place }
  | {
      readonly kind: 'export' | 'import';
      readonly cluster: ClusterName;
      readonly file: string;
      readonly place: Place;
    };
