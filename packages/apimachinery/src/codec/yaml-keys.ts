import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { goQuote } from '../errors/go-quote.js';

/** As many are told of; who has more mistakes has seen enough. */
const TOLD_MAX = 100;
const MERGE_KEY = '<<';

/** A collection on the way down. A sequence has no keys. */
interface Frame {
  /** Where it starts in the text. */
  readonly start: number;
  /** Go's words for the keys of a mapping so far. */
  readonly keys: Set<string> | undefined;
  /** Of a mapping whose value comes next: its key. */
  key: string | undefined;
}

/**
 * Tells of keys that stand twice in one mapping of the first document, in the words and order of go-yaml: by the line of
 * the value, and what is within that value first. The text must be YAML.
 */
export function keysSetTwice(text: string): string[] {
  const told: string[] = [];
  const frames: Frame[] = [];
  const lines = new Lines(text);
  const done = (event: Event | undefined, at: number): void => {
    const frame = frames[frames.length - 1];
    if (frame?.keys === undefined) return;
    if (frame.key === undefined) frame.key = event?.type === EVENT_ID.SCALAR ? goKey(text, event) : '';
    else {
      if (frame.keys.has(frame.key)) told.push(`line ${lines.of(at)}: key ${frame.key} already set in map`);
      if (frame.key !== '' && frame.key !== MERGE_KEY) frame.keys.add(frame.key);
      frame.key = undefined;
    }
  };
  for (const event of parseEvents(text, {})) {
    if (event.type === EVENT_ID.SCALAR) done(event, event.valueStart);
    else if (event.type === EVENT_ID.ALIAS) done(event, event.anchorStart);
    else if (event.type === EVENT_ID.POP) {
      const closed = frames.pop();
      if (closed === undefined || told.length >= TOLD_MAX) break;
      done(undefined, closed.start);
    } else if (event.type !== EVENT_ID.DOCUMENT) {
      frames.push({
        start: event.start,
        keys: event.type === EVENT_ID.MAPPING ? new Set() : undefined,
        key: undefined,
      });
    }
  }
  return told.slice(0, TOLD_MAX);
}

/** A key as Go prints its value: text in quotes, numbers and truth without. */
function goKey(text: string, scalar: ScalarEvent): string {
  const value = getScalarValue(text, scalar);
  if (value === MERGE_KEY) return MERGE_KEY;
  const bare = scalar.style === SCALAR_STYLE.PLAIN && /^(?:-?(?:0|[1-9]\d*)|true|false)$/.test(value);
  return bare ? value : goQuote(value);
}

/** Numbers of lines, for places that mostly come in ascending order. */
class Lines {
  readonly #text: string;
  #line = 1;
  #from = 0;

  constructor(text: string) {
    this.#text = text;
  }

  of(place: number): number {
    if (place < this.#from) [this.#line, this.#from] = [1, 0];
    for (let end = this.#text.indexOf('\n', this.#from); end !== -1 && end < place; ) {
      this.#line++;
      this.#from = end + 1;
      end = this.#text.indexOf('\n', this.#from);
    }
    return this.#line;
  }
}
