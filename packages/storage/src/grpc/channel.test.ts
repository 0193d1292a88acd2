import assert from 'node:assert/strict';
import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { Channel } from './channel.js';
import { GrpcError, STATUS } from './grpc-status.js';
import { MessageReader, prefixed } from './messages.js';

/* The other side is Node's HTTP/2, which others wrote. */

const KEEP_ALIVE = { silenceMs: 200, answerMs: 200 };
const WAIT_MS = 5_000;
const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  undo.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function channelTo(port: number): Channel {
  const channel = new Channel({ url: new URL(`http://127.0.0.1:${port}`) }, KEEP_ALIVE);
  undo.unshift(() => channel.close());
  return channel;
}

interface Asked {
  readonly stream: ServerHttp2Stream;
  readonly headers: http2.IncomingHttpHeaders;
  readonly message: Buffer;
}

/** A server of gRPC that answers each message as it is told to. */
async function grpcServer(settings: http2.Settings, answer: (asked: Asked) => void) {
  const server = http2.createServer({ settings });
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    const reader = new MessageReader();
    stream.on('error', () => stream.close());
    stream.on('data', (piece: Buffer) => reader.add(piece, (message) => answer({ stream, headers, message })));
  });
  return { channel: channelTo(await listen(server)), sessions };
}

/** Answers with the trailers of gRPC behind the messages. */
function respond(stream: ServerHttp2Stream, messages: readonly Buffer[], trailers: http2.OutgoingHttpHeaders): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  for (const message of messages) stream.write(prefixed(message));
  stream.end();
}

const OK = { 'grpc-status': '0', 'grpc-message': '' };
const echo = ({ stream, message }: Asked) => respond(stream, [message], OK);
const failsWith = (code: number, details: RegExp) => (error: unknown) =>
  error instanceof GrpcError && error.code === code && details.test(error.details);

test('a message is answered by a message, and the request is what gRPC wants', async () => {
  let seen: http2.IncomingHttpHeaders = {};
  const { channel } = await grpcServer({}, (asked) => {
    seen = asked.headers;
    echo(asked);
  });
  assert.equal((await channel.unary('/a.B/C', Buffer.from('hello'), WAIT_MS)).toString(), 'hello');
  const {
    ':method': method,
    ':path': path,
    ':scheme': scheme,
    te,
    'content-type': type,
    'grpc-timeout': timeout,
  } = seen;
  assert.deepEqual(
    [method, path, scheme, te, type, timeout],
    ['POST', '/a.B/C', 'http', 'trailers', 'application/grpc', '5000m'],
  );
  assert.equal((await channel.unary('/a.B/C', Buffer.alloc(0), WAIT_MS)).length, 0, 'an empty one');
});

test('messages that are larger than windows and frames arrive whole, both ways, beside small ones', async () => {
  const { channel } = await grpcServer({ initialWindowSize: 1_000 }, echo);
  const sizes = [30_000_000, 10, 70_000, 65_535, 16_384 - 5, 1];
  const answers = await Promise.all(
    sizes.map((size, i) => channel.unary('/a.B/C', Buffer.alloc(size, i + 65), 30_000)),
  );
  answers.forEach((answer, i) => {
    assert.ok(answer.equals(Buffer.alloc(sizes[i] ?? 0, i + 65)), `${sizes[i]} bytes`);
  });
});

test('no more calls are under way than the server takes', async () => {
  let [now, most] = [0, 0];
  const { channel } = await grpcServer({ maxConcurrentStreams: 3 }, (asked) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      echo(asked);
    }, 5);
  });
  const calls = Array.from({ length: 40 }, (_, i) => channel.unary('/a.B/C', Buffer.from(`${i}`), WAIT_MS));
  assert.deepEqual(
    (await Promise.all(calls)).map(String),
    calls.map((_, i) => `${i}`),
  );
  assert.ok(most <= 3, `${most} at a time`);
});

test('what the server refuses is told as it says it, with and without header fields before', async () => {
  const { channel } = await grpcServer({}, ({ stream, message }) => {
    const trailers = { 'grpc-status': '11', 'grpc-message': 'caf%C3%A9 100%25 %zz' };
    if (message.length > 0) respond(stream, [], trailers);
    else stream.respond({ ':status': 200, ...trailers }, { endStream: true });
  });
  const refused = failsWith(11, /^café 100% %zz$/);
  await assert.rejects(channel.unary('/a.B/C', Buffer.alloc(0), WAIT_MS), refused);
  await assert.rejects(channel.unary('/a.B/C', Buffer.from('x'), WAIT_MS), refused);
});

test('an answer that is not gRPC is an error', async () => {
  const { channel } = await grpcServer({}, ({ stream, message }) => {
    const status = Number(message.toString());
    if (status === 200) stream.respond({ ':status': 200 });
    else stream.respond({ ':status': status });
    stream.end('<html>');
  });
  await assert.rejects(channel.unary('/', Buffer.from('404'), WAIT_MS), failsWith(STATUS.UNIMPLEMENTED, /status 404/));
  await assert.rejects(channel.unary('/', Buffer.from('503'), WAIT_MS), failsWith(STATUS.UNAVAILABLE, /status 503/));
});

test('a deadline ends the call here and there, and others go on', async () => {
  const cancelled: Promise<number>[] = [];
  const { channel } = await grpcServer({}, (asked) => {
    if (asked.message.length > 0) echo(asked);
    else cancelled.push(new Promise((resolve) => asked.stream.on('close', () => resolve(asked.stream.rstCode ?? 0))));
  });
  const late = channel.unary('/a.B/C', Buffer.alloc(0), 100);
  await assert.rejects(late, failsWith(STATUS.DEADLINE_EXCEEDED, /^Deadline exceeded$/));
  assert.equal(await cancelled[0], http2.constants.NGHTTP2_CANCEL);
  assert.equal(String(await channel.unary('/a.B/C', Buffer.from('on'), WAIT_MS)), 'on');
});

test('a stream goes on until it is given up, and nothing is heard of it afterwards', async () => {
  let served: ServerHttp2Stream | undefined;
  const { channel } = await grpcServer({}, ({ stream }) => {
    served = stream;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(Buffer.concat([prefixed(Buffer.from('one')), prefixed(Buffer.from('two')).subarray(0, 6)]));
    setTimeout(() => stream.write(prefixed(Buffer.from('two')).subarray(6)), 10);
  });
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    const stream = channel.stream('/a.B/W', Buffer.alloc(0), {
      message: (bytes) => {
        heard.push(bytes.toString());
        if (heard.length < 2) return;
        stream.cancel();
        served?.on('close', resolve);
        served?.write(prefixed(Buffer.from('three')));
      },
      ended: ({ details }) => heard.push(details),
    });
  });
  assert.deepEqual(heard, ['one', 'two']);
});

test('a server that leaves still answers what it has begun; what comes later goes to a new connection', async () => {
  const held: Asked[] = [];
  const { channel, sessions } = await grpcServer({}, (asked) => {
    if (asked.message.toString() === 'held') held.push(asked);
    else echo(asked);
  });
  const first = channel.unary('/a.B/C', Buffer.from('held'), WAIT_MS);
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  sessions[0]?.goaway(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(String(await channel.unary('/a.B/C', Buffer.from('later'), WAIT_MS)), 'later');
  assert.equal(sessions.length, 2);
  for (const asked of held) echo(asked);
  assert.equal(String(await first), 'held');
});

test('calls of a connection that is lost fail, and the next one connects anew', async () => {
  const { channel, sessions } = await grpcServer({}, (asked) => {
    if (asked.message.length > 0) echo(asked);
    else sessions[0]?.destroy();
  });
  const lost = channel.unary('/a.B/C', Buffer.alloc(0), WAIT_MS);
  await assert.rejects(
    lost,
    (error) => error instanceof GrpcError && !error.neverSent && error.code === STATUS.UNAVAILABLE,
  );
  assert.equal(String(await channel.unary('/a.B/C', Buffer.from('again'), WAIT_MS)), 'again');
});

test('where nobody listens calls fail as never sent, at once for a while, and then it is tried again', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const channel = channelTo(port);
  const refused = (error: unknown) =>
    failsWith(STATUS.UNAVAILABLE, /^no server answers: connect ECONNREFUSED/)(error) && (error as GrpcError).neverSent;
  await assert.rejects(channel.unary('/a.B/C', Buffer.alloc(0), WAIT_MS), refused);
  await assert.rejects(channel.unary('/a.B/C', Buffer.alloc(0), WAIT_MS), refused);
  const told = new Promise((resolve) => channel.stream('/a.B/W', Buffer.alloc(0), { message() {}, ended: resolve }));
  assert.match(JSON.stringify(await told), /no server answers/);
  const back = http2.createServer();
  back.on('stream', (stream) => respond(stream, [Buffer.from('back')], OK));
  await new Promise<void>((resolve) => back.listen(port, '127.0.0.1', resolve));
  undo.push(() => back.close());
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal(String(await channel.unary('/a.B/C', Buffer.alloc(0), WAIT_MS)), 'back');
});

/** A server that says these bytes to whoever connects, whatever he asks. */
async function talking(...said: readonly Buffer[]): Promise<Channel> {
  return channelTo(await listen(createServer((socket) => socket.write(Buffer.concat(said)))));
}
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const GREETING = hex('000000 04 00 00000000');

test('who speaks something else is told so, and so is who breaks the protocol', async () => {
  const ask = async (channel: Channel) => channel.unary('/a.B/C', Buffer.from('x'), WAIT_MS);
  const other = failsWith(STATUS.UNAVAILABLE, /no server answers: it does not speak HTTP\/2/);
  await assert.rejects(ask(await talking(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))), other);
  await assert.rejects(ask(await talking(hex('150301 0002 0232 00000000'))), other, 'an alert of TLS');
  for (const [what, bytes] of [
    ['a frame that is too long', '004001 00 00 00000001'],
    ['a push', '000004 05 04 00000001 00000002'],
    ['header fields that go on of nothing', '000000 09 04 00000001'],
    ['something else within header fields', '000000 01 00 00000001 000000 00 00 00000001'],
    ['a window that is too large', '000004 08 00 00000000 7fffffff'],
    ['settings of a wrong length', '000001 04 00 00000000 00'],
    ['a reset that says nothing', '000000 03 00 00000001'],
  ] as const) {
    const broken = failsWith(STATUS.UNAVAILABLE, /connection lost: the server breaks the protocol/);
    await assert.rejects(ask(await talking(GREETING, hex(bytes))), broken, what);
  }
  const endless = Buffer.concat(
    Array.from({ length: 9 }, () => Buffer.concat([hex('002000 09 00 00000001'), Buffer.alloc(8_192)])),
  );
  await assert.rejects(
    ask(await talking(GREETING, hex('000000 01 00 00000001'), endless)),
    failsWith(STATUS.UNAVAILABLE, /more header fields than allowed/),
  );
});

test('padding, priorities, unknown frames and header fields in parts change nothing', async () => {
  const answer = hex(
    [
      '000003 ee ff 00000001 010203', // a type that nobody knows
      '000005 02 00 00000001 0000000010', // a priority
      '000007 01 28 00000001 01 0000000010 00', // header fields: only padding and a priority, and more to come
      '000001 09 04 00000001 88', // :status 200
      '00000a 00 08 00000001 02 00 00000002 6f6b 0000', // "ok"
      '000002 01 01 00000001 000b', // trailers, in parts
      '00000d 09 04 00000001 677270632d737461747573 01 30',
    ].join(''),
  );
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(GREETING);
      socket.once('data', () => socket.write(answer));
    });
  });
  const channel = channelTo(await listen(server));
  assert.equal(String(await channel.unary('/a.B/C', Buffer.from('x'), WAIT_MS)), 'ok');
});

test('a server that says nothing is given up: before its greeting, and after it once it answers no sign of life', async () => {
  const [mute, frozen] = [await talking(), await talking(GREETING)];
  const lost = assert.rejects(
    frozen.unary('/a.B/C', Buffer.from('x'), 30_000),
    failsWith(STATUS.UNAVAILABLE, /connection lost: it no longer answers/),
  );
  await assert.rejects(
    mute.unary('/a.B/C', Buffer.from('x'), 30_000),
    failsWith(STATUS.UNAVAILABLE, /no server answers: it does not answer/),
  );
  await lost;
});

test('one that is only slow is kept by its signs of life', async () => {
  const { channel } = await grpcServer({}, (asked) => setTimeout(() => echo(asked), 900));
  assert.equal(String(await channel.unary('/a.B/C', Buffer.from('slow'), WAIT_MS)), 'slow');
});
