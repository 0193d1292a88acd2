import { ActiveCall, type CallListener, type Request } from './active-call.js';
import {
  contentOf,
  eachSetting,
  FLAG,
  FRAME,
  FrameReader,
  frame,
  numberFrame,
  numberOf,
  ProtocolError,
  SETTING,
  settingsFrame,
} from './frames.js';
import { type GrpcStatus, STATUS, statusOfReset, unavailable } from './grpc-status.js';
import { type HeaderBlock, HeaderFragments } from './header-fragments.js';
import {
  CONNECTION_WINDOW_BYTES,
  STREAM_ID_MAX,
  STREAM_WINDOW_BYTES,
  STREAMS_BEFORE_SETTINGS,
  TICK_MS,
} from './limits.js';
import { Outbox } from './outbox.js';
import { type KeepAlive, Silence } from './silence.js';
import { openSocket, reasonOf, type Target } from './target.js';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const CANCEL = 8;
/** A server that takes no stranger says so in an alert, which may be lost with the connection. */
const REFUSED_CERTIFICATE = ', as one does that does not accept the client certificate';
const PING_BYTES = 8;

/**
 * One connection of HTTP/2 with many calls at a time, of which each is one message and its answers (gRPC over HTTP/2).
 * Calls may be made before it stands. It is over when `closed` was called, and never comes back.
 */
export class Connection {
  readonly #socket: ReturnType<typeof openSocket>;
  readonly #outbox: Outbox;
  readonly #reader = new FrameReader();
  readonly #secure: boolean;
  readonly #silence: Silence;
  readonly #fragments = new HeaderFragments();
  readonly #closed: (status: GrpcStatus) => void;
  readonly #timer: NodeJS.Timeout;
  /** Calls that the server has, by stream. */
  readonly #calls = new Map<number, ActiveCall>();
  /** Calls that wait until the server takes more. */
  readonly #waiting = new Set<ActiveCall>();
  #nextStream = 1;
  #streamsMax = STREAMS_BEFORE_SETTINGS;
  /** Why a server that was reached may not greet. */
  #guess = '';
  #greeted = false;
  /** The server takes no more calls. */
  #leaving = false;
  #over = false;
  #unread = 0;
  #ticks = 0;

  constructor(target: Target, keepAlive: KeepAlive, closed: (status: GrpcStatus) => void) {
    this.#secure = target.url.protocol === 'https:';
    this.#silence = new Silence(keepAlive);
    this.#closed = closed;
    this.#socket = openSocket(target, () => this.#begin());
    this.#outbox = new Outbox((bytes) => this.#socket.write(bytes));
    this.#socket.on('data', (piece: Buffer) => this.#read(piece));
    this.#socket.on('error', (error) => this.#fail(reasonOf(error)));
    this.#socket.on('close', () => this.#fail('it closed the connection'));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** True while calls may be made. */
  get usable(): boolean {
    return !this.#leaving && !this.#over;
  }

  /** True when the server has greeted. */
  get greeted(): boolean {
    return this.#greeted;
  }

  call(request: Request, listener: CallListener): ActiveCall {
    const { timeoutMs } = request;
    const expires =
      timeoutMs === undefined ? Number.POSITIVE_INFINITY : this.#ticks + Math.ceil(timeoutMs / TICK_MS) + 1;
    const call = new ActiveCall(request, listener, expires);
    if (this.#greeted && this.#calls.size < this.#streamsMax && this.#waiting.size === 0) this.#send(call);
    else this.#waiting.add(call);
    return call;
  }

  cancel(call: ActiveCall): void {
    call.cancel();
    this.#drop(call);
  }

  /** Ends every call that is under way. */
  close(): void {
    this.#end({ code: STATUS.CANCELLED, details: 'the connection is closed' }, true);
  }

  #begin(): void {
    if (this.#secure) this.#guess = REFUSED_CERTIFICATE;
    const settings = [
      [SETTING.HEADER_TABLE_SIZE, 0],
      [SETTING.ENABLE_PUSH, 0],
      [SETTING.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
    ] as const;
    const window = numberFrame(FRAME.WINDOW_UPDATE, 0, CONNECTION_WINDOW_BYTES - 65_535);
    this.#outbox.put(Buffer.concat([PREFACE, settingsFrame(settings), window]));
  }

  #send(call: ActiveCall): void {
    const { block, message, last } = call.request;
    call.stream = this.#nextStream;
    this.#nextStream += 2;
    if (this.#nextStream > STREAM_ID_MAX) this.#leaving = true;
    this.#calls.set(call.stream, call);
    this.#outbox.request(call.stream, block, message, last);
  }

  #sendWaiting(): void {
    for (const call of this.#waiting) {
      if (!this.#greeted || !this.usable || this.#calls.size >= this.#streamsMax) return;
      this.#waiting.delete(call);
      this.#send(call);
    }
  }

  #read(piece: Buffer): void {
    this.#silence.broken();
    try {
      this.#reader.read(piece, (type, flags, stream, payload) => this.#frame(type, flags, stream, payload));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail(this.#greeted ? `the server breaks the protocol: ${error.message}` : 'it does not speak HTTP/2');
    }
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (this.#over) return;
    if (!this.#greeted && type !== FRAME.SETTINGS) throw new ProtocolError('no greeting');
    if (this.#fragments.begun && type !== FRAME.CONTINUATION) {
      throw new ProtocolError('something else within header fields');
    }
    if (stream === 0) this.#ofConnection(type, flags, payload);
    else this.#ofStream(type, flags, stream, payload);
  }

  /** Types that are not named are priorities, and what later versions may add. */
  #ofConnection(type: number, flags: number, payload: Buffer): void {
    if (type === FRAME.SETTINGS) this.#settings(flags, payload);
    else if (type === FRAME.PING) this.#ping(flags, payload);
    else if (type === FRAME.GOAWAY) this.#goAway(payload);
    else if (type === FRAME.WINDOW_UPDATE) this.#outbox.widen(0, numberOf(payload));
  }

  #ofStream(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FRAME.DATA) this.#data(flags, stream, payload);
    else if (type === FRAME.HEADERS) this.#headers(this.#fragments.begin(stream, flags, payload));
    else if (type === FRAME.CONTINUATION) this.#headers(this.#fragments.goOn(stream, flags, payload));
    else if (type === FRAME.RST_STREAM) this.#finish(this.#calls.get(stream), statusOfReset(numberOf(payload)));
    else if (type === FRAME.WINDOW_UPDATE) this.#outbox.widen(stream, numberOf(payload));
    else if (type === FRAME.PUSH_PROMISE) throw new ProtocolError('it pushes, which our settings rule out');
  }

  #data(flags: number, stream: number, payload: Buffer): void {
    this.#unread += payload.length;
    if (this.#unread >= CONNECTION_WINDOW_BYTES / 2) {
      this.#outbox.put(numberFrame(FRAME.WINDOW_UPDATE, 0, this.#unread));
      this.#unread = 0;
    }
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    const last = (flags & FLAG.END_STREAM) !== 0;
    const said = call.data(contentOf(payload, flags & FLAG.PADDED), payload.length, last);
    if (last) this.#finish(call, { code: STATUS.INTERNAL, details: 'an answer that ends without a status' });
    else if (said !== undefined) this.#outbox.put(said);
  }

  #headers(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    const call = this.#calls.get(block.stream);
    const status = call?.fields(block.bytes, block.flags);
    if (status !== undefined) this.#finish(call, status, (block.flags & FLAG.END_STREAM) !== 0);
  }

  #settings(flags: number, payload: Buffer): void {
    if ((flags & FLAG.ACK) !== 0) return;
    if (!this.#greeted) this.#streamsMax = Number.POSITIVE_INFINITY;
    this.#greeted = true;
    eachSetting(payload, (name, value) => {
      if (name === SETTING.MAX_CONCURRENT_STREAMS) this.#streamsMax = value;
      else if (name === SETTING.INITIAL_WINDOW_SIZE) this.#outbox.setStreamWindow(value);
    });
    this.#outbox.put(frame(FRAME.SETTINGS, FLAG.ACK, 0, Buffer.alloc(0)));
    this.#sendWaiting();
  }

  #ping(flags: number, payload: Buffer): void {
    if ((flags & FLAG.ACK) === 0) this.#outbox.put(frame(FRAME.PING, FLAG.ACK, 0, payload));
  }

  /** Calls that the server has not begun are made elsewhere, the others it still answers. */
  #goAway(payload: Buffer): void {
    this.#leaving = true;
    const done = numberOf(payload);
    const status = unavailable(`the server leaves, with error ${numberOf(payload, 4)}`, true);
    for (const call of this.#waiting) this.#finish(call, status);
    for (const [stream, call] of this.#calls) if (stream > done) this.#finish(call, status);
    if (this.#calls.size === 0) this.#end(status, true);
  }

  /** `ended`: the server has ended the stream as well. */
  #finish(call: ActiveCall | undefined, status: GrpcStatus, ended = true): void {
    if (call === undefined) return;
    if (ended) this.#remove(call);
    else this.#drop(call);
    call.end(status);
  }

  /** Gives a call up, and tells the server. */
  #drop(call: ActiveCall): void {
    if (this.#calls.has(call.stream)) this.#outbox.put(numberFrame(FRAME.RST_STREAM, call.stream, CANCEL));
    this.#remove(call);
  }

  #remove(call: ActiveCall): void {
    this.#waiting.delete(call);
    if (!this.#calls.delete(call.stream)) return;
    this.#outbox.forget(call.stream);
    if (this.#waiting.size > 0) this.#sendWaiting();
    else if (this.#leaving && this.#calls.size === 0) this.#end(unavailable('the server left', true), true);
  }

  #tick(): void {
    this.#ticks++;
    for (const calls of [this.#calls.values(), this.#waiting]) {
      for (const call of calls) if (call.expires <= this.#ticks) this.#expire(call);
    }
    this.#watchOver();
  }

  #expire(call: ActiveCall): void {
    const neverSent = call.stream === 0;
    this.#finish(call, { code: STATUS.DEADLINE_EXCEEDED, details: 'Deadline exceeded', neverSent }, false);
  }

  #watchOver(): void {
    if (this.#over) return;
    if (!this.#greeted) {
      if (this.#silence.unmet()) this.#fail('it does not answer');
      return;
    }
    if (this.#calls.size === 0) this.#silence.broken();
    const due = this.#silence.tick();
    if (due === 'giveUp') this.#fail('it no longer answers');
    else if (due === 'ask') this.#outbox.put(frame(FRAME.PING, FLAG.NONE, 0, Buffer.alloc(PING_BYTES)));
  }

  #fail(reason: string): void {
    const text = this.#greeted ? `connection lost: ${reason}` : `no server answers: ${reason}${this.#guess}`;
    this.#end(unavailable(text, false));
  }

  /** `gently`: what was to be said is said. */
  #end(status: GrpcStatus, gently = false): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    if (gently && this.#greeted) {
      this.#outbox.flush();
      this.#socket.destroySoon();
    } else this.#socket.destroy();
    this.#closed(status);
    for (const call of this.#waiting) call.end({ ...status, neverSent: status.code === STATUS.UNAVAILABLE });
    for (const call of this.#calls.values()) call.end({ ...status, neverSent: false });
    this.#waiting.clear();
    this.#calls.clear();
  }
}
