/** Where a server is reached from outside, once it is. */
export class ServerAddress {
  access: { readonly url: string; readonly authorities: string } | undefined;
}
