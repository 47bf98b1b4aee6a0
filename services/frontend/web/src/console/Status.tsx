/** One word about how something is, in a colour that fits; the word alone says it all. */
export function Status({ of, word }: { of: string; word?: string }) {
  return <span className={`status ${of}`}>{(word ?? of).replaceAll("_", " ")}</span>;
}
