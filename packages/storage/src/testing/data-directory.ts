import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a story in an empty directory that is gone afterwards. */
export async function inDirectory(story: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kcp-storage-'));
  try {
    await story(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
