/** Places in text: the platform counts characters (code points), a browser counts UTF-16 units. */

const BEYOND_16_BITS = /[\ud800-\udbff]/;

/** The browser's index of each of the platform's, which come in any order. */
export function browserIndexes(text: string, characters: number[]): number[] {
  if (!BEYOND_16_BITS.test(text)) return characters.map((place) => Math.min(place, text.length));
  const wanted = new Set(characters);
  const found = new Map<number, number>();
  let count = 0;
  let index = 0;
  for (const character of text) {
    if (wanted.has(count)) found.set(count, index);
    index += character.length;
    count += 1;
  }
  return characters.map((place) => found.get(place) ?? text.length);
}

export interface Span {
  start: number;
  end: number;
}

/** Where a quote stands in a document's text; null when the document does not have it any more. */
export function findQuote(text: string, quote: string, start: number, end: number): Span | null {
  const [from = 0, to = 0] = browserIndexes(text, [start, end]);
  if (text.slice(from, to) === quote) return { start: from, end: to };
  const elsewhere = text.indexOf(quote);
  return elsewhere < 0 ? null : { start: elsewhere, end: elsewhere + quote.length };
}
