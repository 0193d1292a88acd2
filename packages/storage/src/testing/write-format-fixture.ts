import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FORMATS, writeFixture } from './format-fixture.js';

const folder = join(FORMATS, process.argv[2] ?? '');
mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), 'kcp-format-'));
await writeFixture(folder, scratch);
rmSync(scratch, { recursive: true });
