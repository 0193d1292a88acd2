import { type JsonObject, setOwn } from '@kcp/apimachinery/json/value';
import { compareQuantities, formatQuantity, parseQuantity, roundUpQuantity } from '@kcp/apimachinery/quantity/quantity';
import { readObject } from '@kcp/apimachinery/schema/read';
import { textEntries } from './data-entries.js';

/** Amounts are kept in thousandths; what is finer is rounded up (upstream's `SetDefaults_ResourceList`). */
const FINEST = -3;

/** Rounds the amounts of `holder[name]`, a ResourceList, in place. */
export function roundAmounts(holder: JsonObject, name: string): void {
  const amounts = readObject(holder, name);
  if (amounts === undefined) return;
  for (const [resource, text] of textEntries(holder, name)) {
    const exact = parseQuantity(text);
    const rounded = roundUpQuantity(exact, FINEST);
    if (compareQuantities(exact, rounded) !== 0) setOwn(amounts, resource, formatQuantity(rounded));
  }
}
