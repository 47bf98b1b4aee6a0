/** Cuts growing Markdown into blocks, so that of a streamed answer only the last block is parsed again. */

const FENCE = /^ {0,3}(```|~~~)/;
const LIST_ITEM = /^ {0,3}([-*+]|\d{1,9}[.)])\s/;
const BLANK = /^\s*$/;
const TELLING_CHARS = 14; // more than the longest number of a list's item

/** Remembers the blocks that cannot change any more. */
export class BlockCutter {
  private settled: string[] = [];
  private settledChars = 0;

  /** The blocks of `text`, which begins with all that was given before. */
  cut(text: string): string[] {
    const open = text.slice(this.settledChars);
    const blocks = cutBlocks(open);
    const last = blocks.pop() ?? "";
    this.settled = blocks.length ? [...this.settled, ...blocks] : this.settled;
    this.settledChars = text.length - last.length;
    return last ? [...this.settled, last] : this.settled;
  }
}

/** Blocks at blank lines outside of code and lists; joined they are the text again. */
function cutBlocks(text: string): string[] {
  const blocks: string[] = [];
  let block = "";
  let fence: string | null = null;
  let blankBefore = false;
  for (const line of text.split(/(?<=\n)/)) {
    if (blankBefore && fence === null && isTelling(line) && !continues(block, line)) {
      blocks.push(block);
      block = "";
    }
    const marker = FENCE.exec(line)?.[1] ?? null;
    if (marker !== null) fence = fence === null ? marker : fence === marker ? null : fence;
    blankBefore = BLANK.test(line);
    block += line;
  }
  return block ? [...blocks, block] : blocks;
}

/** Whether enough of a line has come to know what it begins. */
function isTelling(line: string): boolean {
  return !BLANK.test(line) && (line.endsWith("\n") || line.length >= TELLING_CHARS);
}

function continues(block: string, line: string): boolean {
  return /^\s/.test(line) || (LIST_ITEM.test(block) && LIST_ITEM.test(line));
}
