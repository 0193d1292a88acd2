import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Editors and mounts write in several steps; what follows so soon is one change. */
const SETTLE_MS = 100;

/** Looks after files until it is closed. */
export interface FileWatch {
  close(): void;
}

/**
 * Calls `changed` some moments after the content of any of the files has become another one. The folders are watched, not
 * the files, so that replaced files and exchanged links are seen. A file that is missing for a while counts as it was.
 */
export function watchFiles(paths: readonly string[], changed: () => void): FileWatch {
  const known = new Map(paths.map((path) => [path, textOf(path)]));
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    let differs = false;
    for (const path of paths) {
      const text = textOf(path);
      if (text === undefined || text === known.get(path)) continue;
      known.set(path, text);
      differs = true;
    }
    if (differs) changed();
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS);
    timer.unref();
  };
  const watchers = [...new Set(paths.map((path) => dirname(path)))].map((folder) => watchFolder(folder, soon));
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchFolder(folder: string, soon: () => void): FSWatcher {
  const watcher = watch(folder, { persistent: false }, soon);
  // A folder that goes away takes its files along; there is nothing left to see.
  watcher.on('error', () => watcher.close());
  return watcher;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
