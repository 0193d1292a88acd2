/** Why nothing can be done about an object, for a reason of our own. */
export class ObjectFault extends Error {
  /** The reason of the Event that tells of it. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'ObjectFault';
    this.reason = reason;
  }
}
