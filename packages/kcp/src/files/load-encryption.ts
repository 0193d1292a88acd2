import { readFileSync } from 'node:fs';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { EncryptedStore } from '@kcp/storage/encryption/encrypted-store';
import { parseEncryptionConfiguration } from '@kcp/storage/encryption/encryption-configuration';
import type { Store } from '@kcp/storage/store';
import type { Log } from '../log/log.js';
import { type FileWatch, watchFiles } from './watch-files.js';

/**
 * Encrypts a store as a file says, and again whenever the file says something else; a change that makes no sense is
 * logged and changes nothing. Throws EncryptionConfigurationError, and what the system says of the file.
 */
export function encryptStore(store: Store, file: string, log: Log): Store {
  const load = () => parseEncryptionConfiguration(parseYaml(readFileSync(file, 'utf8')).value);
  const encrypted = new EncryptedStore(store, load());
  const watch: FileWatch = watchFiles([file], () => {
    try {
      encrypted.use(load());
      log.info('the encryption configuration was read anew', { file });
    } catch (error) {
      log.error('a changed encryption configuration cannot be used', { file, error });
    }
  });
  return encrypted.onClose(() => watch.close());
}
