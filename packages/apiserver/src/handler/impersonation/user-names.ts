/** A service account as a user name names it. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

const ACCOUNT =
  /^system:serviceaccount:([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?):([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)$/;
const NODE = /^system:node:(.+)$/;

export function accountOf(userName: string): Account | undefined {
  const match = ACCOUNT.exec(userName);
  return match === null ? undefined : { namespace: match[1] ?? '', name: match[2] ?? '' };
}

/** The name of the node that a user name stands for. */
export function nodeOf(userName: string): string | undefined {
  return NODE.exec(userName)?.[1];
}
