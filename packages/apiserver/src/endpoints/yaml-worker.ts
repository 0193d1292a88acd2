import { parentPort } from 'node:worker_threads';
import { parseYaml, YamlError } from '@kcp/apimachinery/codec/yaml';
import type { YamlAnswer } from './yaml-thread.js';

/** The other side of `yaml-thread`: a text comes, its value or what is wrong with it goes back, one after the other. */
function answerOf(text: string): YamlAnswer {
  try {
    return { ok: true, parsed: parseYaml(text) };
  } catch (error) {
    if (error instanceof YamlError) return { ok: false, fault: error.why };
    throw error;
  }
}

parentPort?.on('message', (text: string) => parentPort?.postMessage(answerOf(text)));
