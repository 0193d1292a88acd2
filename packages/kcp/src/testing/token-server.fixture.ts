import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../assemble.js';
import { DEFAULT_CONFIG } from '../config/server-config.js';
import { WireClient } from './wire-client.fixture.js';

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** The token of one who may do everything. */
export const ADMIN = 'admin-token';

/** A server in memory that knows its users by their tokens, and one who sends it what a test wants to send. */
export interface TokenServer {
  readonly client: WireClient;
  stop(): Promise<void>;
}

/** `users`: lines of a token file beside the administrator's: `token,name,uid,"groups"`. */
export async function startWithTokens(users: readonly string[] = []): Promise<TokenServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-tokens-'));
  const tokenFile = join(folder, 'tokens.csv');
  writeFileSync(tokenFile, [`${ADMIN},boss,1,"system:masters"`, ...users].join('\n'));
  const authentication = { ...DEFAULT_CONFIG.authentication, tokenFile };
  const listen = { host: '127.0.0.1', port: 0 };
  const config = { ...DEFAULT_CONFIG, listen, rootDirectory: folder, inMemory: true, authentication };
  const server = await startServer(config, SILENT);
  const client = new WireClient(server.port);
  return {
    client,
    async stop() {
      client.close();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
