/** FNV-1a over UTF-16 units, 32 bits: spreads names over queues; nothing secret depends on it. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * Deals `handSize` different cards of a deck of `deckSize` for a hash (shuffle sharding, as upstream's `shufflesharding`):
 * two flows seldom share all of their queues, so a greedy one seldom blocks another.
 */
export function dealHand(hash: number, deckSize: number, handSize: number): number[] {
  const hand: number[] = [];
  let rest = hash;
  for (let i = 0; i < handSize && i < deckSize; i++) {
    let card = rest % (deckSize - i);
    rest = Math.imul(Math.floor(rest / (deckSize - i)) ^ hash, 0x9e3779b1) >>> 0;
    // A card counts from among those that are still in the deck.
    for (const taken of [...hand].sort((a, b) => a - b)) if (card >= taken) card++;
    hand.push(card);
  }
  return hand;
}
