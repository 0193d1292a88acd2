/** The way from the root of an object to the value that is looked at; the text is only made when something is wrong. */
export class ValuePath {
  readonly #segments: (string | number)[] = [];

  push(segment: string | number): void {
    this.#segments.push(segment);
  }

  pop(): void {
    this.#segments.pop();
  }

  get depth(): number {
    return this.#segments.length;
  }

  /** `spec.ports[0].name`; the root is the empty string. */
  toString(): string {
    let text = '';
    for (const segment of this.#segments) {
      if (typeof segment === 'number') text += `[${segment}]`;
      else text += text === '' ? segment : `.${segment}`;
    }
    return text;
  }
}
