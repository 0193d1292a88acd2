/** An object that cannot be synced for a reason of our own. */
export class SyncFault extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'SyncFault';
    this.reason = reason;
  }
}
