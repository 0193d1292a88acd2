import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonValue } from '@kcp/apimachinery/json/value';
import { BytePipe } from '../transport/byte-pipe.js';
import type { Answer, Call, StreamedAnswer, Transport } from '../transport/transport.js';

/** Answers one call; a pipe is the body of a watch that the test goes on to feed. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly body: JsonValue | Buffer | BytePipe;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers each call as the script of a test says; a script that throws is a transport that fails. */
export class FakeTransport implements Transport {
  readonly calls: Call[] = [];
  readonly #script: (call: Call, nth: number) => ScriptedAnswer | Promise<ScriptedAnswer>;

  constructor(script: (call: Call, nth: number) => ScriptedAnswer | Promise<ScriptedAnswer>) {
    this.#script = script;
  }

  /** `METHOD target` of every call so far. */
  get log(): string[] {
    return this.calls.map(({ method, target }) => `${method} ${target}`);
  }

  async request(call: Call): Promise<Answer> {
    const { status, headers, body } = await this.#answer(call);
    if (body instanceof BytePipe) throw new Error('a request was answered with a stream');
    return { status, headers, body };
  }

  async stream(call: Call): Promise<StreamedAnswer> {
    const { status, headers, body } = await this.#answer(call);
    if (body instanceof BytePipe) {
      call.signal.addEventListener('abort', () => body.cancel(), { once: true });
      return { status, headers, body };
    }
    return { status, headers, body: once(body) };
  }

  async close(): Promise<void> {
    this.calls.length = 0;
  }

  async #answer(
    call: Call,
  ): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: Buffer | BytePipe }> {
    call.signal.throwIfAborted();
    this.calls.push(call);
    const { status, headers = {}, body } = await this.#script(call, this.calls.length - 1);
    const bytes = Buffer.isBuffer(body) || body instanceof BytePipe ? body : Buffer.from(stringify(body));
    return { status, headers, body: bytes };
  }
}

async function* once(body: Buffer): AsyncGenerator<Buffer, void, void> {
  yield body;
}

/** One line of a watch. */
export function frame(type: string, object: JsonValue): Buffer {
  return Buffer.from(`${stringify({ type, object })}\n`);
}
