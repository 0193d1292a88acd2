import { Worker } from 'node:worker_threads';
import { YamlError } from '@kcp/apimachinery/codec/yaml';
import type { ParsedJson } from '@kcp/apimachinery/json/syntax-error';
import { YAML_THREAD_IDLE_MS } from '../limits.js';

export type YamlAnswer =
  | { readonly ok: true; readonly parsed: ParsedJson }
  | { readonly ok: false; readonly fault: string };

interface Asked {
  resolve(answer: YamlAnswer): void;
  reject(error: Error): void;
}

/**
 * A thread for long YAML, which its parser reads in one piece: it begins with the first such text and ends when there was
 * none for a while. Texts are read in the order in which they come.
 */
class YamlThread {
  readonly #worker = new Worker(new URL('./yaml-worker.js', import.meta.url));
  readonly #asked: Asked[] = [];
  readonly #over: () => void;
  #idle: NodeJS.Timeout | undefined;

  constructor(over: () => void) {
    this.#over = over;
    this.#worker.unref();
    this.#worker.on('message', (answer: YamlAnswer) => {
      this.#asked.shift()?.resolve(answer);
      if (this.#asked.length === 0) this.#rest();
    });
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#fail(new Error('the thread that reads YAML ended')));
  }

  ask(text: string): Promise<YamlAnswer> {
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#worker.postMessage(text);
    });
  }

  #rest(): void {
    this.#idle = setTimeout(() => {
      this.#over();
      void this.#worker.terminate();
    }, YAML_THREAD_IDLE_MS).unref();
  }

  #fail(error: Error): void {
    this.#over();
    for (const { reject } of this.#asked.splice(0)) reject(error);
  }
}

let thread: YamlThread | undefined;

/** Parses YAML beside the event loop. Rejects with YamlError, as the parser does. */
export async function parseYamlAside(text: string): Promise<ParsedJson> {
  if (thread === undefined) {
    const started: YamlThread = new YamlThread(() => {
      if (thread === started) thread = undefined;
    });
    thread = started;
  }
  const answer = await thread.ask(text);
  if (!answer.ok) throw new YamlError(answer.fault);
  return answer.parsed;
}
