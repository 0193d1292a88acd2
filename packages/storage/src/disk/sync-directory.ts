import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A new name in a directory is durable only when the directory is. Windows has no such thing. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The same for a directory and those above it, up to and with `top`. */
export async function syncDirectories(directory: string, top: string): Promise<void> {
  await syncDirectory(directory);
  const above = dirname(directory);
  if (directory !== top && above !== directory) await syncDirectories(above, top);
}
