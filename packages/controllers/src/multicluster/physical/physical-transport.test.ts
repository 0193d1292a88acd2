import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '@kcp/client/testing/fake-clock';
import { FakeTransport } from '@kcp/client/testing/fake-transport';
import { BytePipe } from '@kcp/client/transport/byte-pipe';
import { type Call, TransportError } from '@kcp/client/transport/transport';
import { PHYSICAL_ANSWER_BYTES_MAX, PHYSICAL_REQUEST_MS } from '../limits.js';
import { PhysicalTransport } from './physical-transport.js';

const call = (): Call => ({
  method: 'GET',
  target: '/version',
  headers: {},
  body: undefined,
  signal: new AbortController().signal,
});

/** Waits as a server does that never answers. */
function silence({ signal }: Call): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('a connection to a cluster that nobody here answers for', () => {
  test('gives up a request that is not answered in time', async () => {
    const clock = new FakeClock();
    let troubles = 0;
    const transport = new PhysicalTransport(
      () => new FakeTransport(silence),
      clock,
      () => troubles++,
    );
    const asked = transport.request(call());
    const refused = assert.rejects(asked, (error) => error instanceof TransportError);
    await clock.pass(PHYSICAL_REQUEST_MS);
    await refused;
    assert.equal(troubles, 1);
    assert.equal(clock.pending, 0);
  });

  test('is replaced when it hangs, and everything under way fails', async () => {
    let opened = 0;
    const open = () => {
      opened++;
      return new FakeTransport(opened === 1 ? silence : () => ({ status: 200, body: { gitVersion: 'v1.36.0' } }));
    };
    const transport = new PhysicalTransport(open, new FakeClock(), () => {});
    const asked = transport.request(call());
    const refused = assert.rejects(asked, /does not answer/);
    transport.renew();
    await refused;
    assert.equal((await transport.request(call())).status, 200);
  });

  test('reads no answer without end', async () => {
    const half = Buffer.alloc(PHYSICAL_ANSWER_BYTES_MAX / 2 + 1);
    const pipe = new BytePipe();
    const transport = new PhysicalTransport(
      () => new FakeTransport(() => ({ status: 200, body: pipe })),
      new FakeClock(),
      () => {},
    );
    const asked = assert.rejects(transport.request(call()), /longer than/);
    pipe.write(half);
    pipe.write(half);
    await asked;
  });
});
