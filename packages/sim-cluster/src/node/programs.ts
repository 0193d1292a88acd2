import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { specOf } from '../controllers/pod-facts.js';

/** A program that stands behind containers: what is really run for them. */
export interface Program {
  /** Path of the executable, and arguments before those of the container. */
  readonly command: readonly string[];
}

/**
 * Which containers are really run. `images`: name of an image without registry and tag → program; `commands`: first
 * word of the container's command → program.
 */
export interface ProgramTable {
  readonly images?: Readonly<Record<string, Program>>;
  readonly commands?: Readonly<Record<string, Program>>;
}

/** One container of a pod and what is to be run for it. */
export interface ContainerProgram {
  readonly container: JsonObject;
  readonly command: readonly string[];
}

/** The first container of a pod that is really run; undefined: all of them are only pretended to run. */
export function programOf(pod: KubeObject, table: ProgramTable): ContainerProgram | undefined {
  for (const container of readObjects(specOf(pod), 'containers')) {
    const command = readStrings(container, 'command');
    const args = readStrings(container, 'args');
    const [word = '', ...rest] = command;
    const byCommand = own(table.commands, word.slice(word.lastIndexOf('/') + 1));
    if (byCommand !== undefined) return { container, command: [...byCommand.command, ...rest, ...args] };
    const byImage = own(table.images, imageName(readString(container, 'image')));
    if (byImage !== undefined) return { container, command: [...byImage.command, ...rest, ...args] };
  }
  return undefined;
}

function own(table: Readonly<Record<string, Program>> | undefined, name: string): Program | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** `quay.io/kcp-dev/kcp-syncer:v1` is `kcp-syncer`. */
function imageName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return last.split(/[@:]/)[0] ?? '';
}
