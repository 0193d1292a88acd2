/** One request as every transport takes it. */
export interface Call {
  readonly method: string;
  /** Path and query, beginning with `/`. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer that is read as it comes. Leaving the iteration early ends the request. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Buffer>;
}

/** Carries requests to one API server. Any status is an answer; only a transport that fails rejects. */
export interface Transport {
  /** Rejects with TransportError, or with the reason of `signal`. */
  request(call: Call): Promise<Answer>;
  /** Resolves with the headers. The iteration of the body rejects as `request` does. */
  stream(call: Call): Promise<StreamedAnswer>;
  /** Lets requests under way finish and takes no more. */
  close(): Promise<void>;
}

/** The server was not reached, or was lost before it had answered. */
export class TransportError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransportError';
  }
}

/** Largest answer that is held in memory whole. */
export const ANSWER_BYTES_MAX = 512 * 1024 * 1024;

/** Reads a body to its end. Rejects with TransportError beyond ANSWER_BYTES_MAX. */
export async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) throw new TransportError(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, length);
}
