import assert from 'node:assert/strict';

const WAIT_MS = 5_000;
const LOOK_MS = 10;

/** Looks until there is something to see, and gives it; fails when it takes too long. */
export async function eventually<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(Date.now() < end, `${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
