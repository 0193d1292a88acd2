import { connect, createServer, type Server, type Socket } from 'node:net';

/** A connection to a port of this machine that a test can cut, and lead elsewhere. */
export class TcpLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;
  port = 0;
  /** Where connections go that are made from here on. */
  target: number;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((inner) => {
      if (this.#cut) {
        inner.destroy();
        return;
      }
      const outer = connect(this.target, '127.0.0.1');
      for (const socket of [inner, outer]) {
        this.#sockets.add(socket);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          inner.destroy();
          outer.destroy();
        });
        // Either end may vanish: that is what a link is for here.
        socket.on('error', () => socket.destroy());
      }
      inner.pipe(outer).pipe(inner);
    });
  }

  static async to(target: number): Promise<TcpLink> {
    const link = new TcpLink(target);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    const address = link.#server.address();
    link.port = typeof address === 'object' && address !== null ? address.port : 0;
    return link;
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
