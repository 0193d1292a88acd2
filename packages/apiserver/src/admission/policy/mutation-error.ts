/** A mutation of a policy that could not be made; the message is for whoever is refused because of it. */
export class MutationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MutationError';
  }
}
