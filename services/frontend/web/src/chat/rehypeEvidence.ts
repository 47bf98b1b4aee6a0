/** Turns `[1]` and `[unverified: 400]` of an answer into marks, and underlines the claims that nothing supports. */
import type { Element, ElementContent, Root, Text } from "hast";
import { SKIP, visit } from "unist-util-visit";

import type { Span } from "./places";

const MARK = /\[(\d{1,3})\]|\[unverified(?:: ([^\]]*))?\]/g;
const AS_WRITTEN = new Set(["code", "pre", "a"]);

export interface EvidenceOptions {
  /** Places of unsupported claims in the answer's source text. */
  doubtful: Span[];
}

export function rehypeEvidence({ doubtful }: EvidenceOptions) {
  return (tree: Root) => {
    visit(tree, (node, index, parent) => {
      if (node.type === "element" && AS_WRITTEN.has(node.tagName)) return SKIP;
      if (node.type !== "text" || !parent || index === undefined) return undefined;
      const made = evidenceIn(node, doubtful);
      parent.children.splice(index, 1, ...made);
      return [SKIP, index + made.length];
    });
  };
}

function evidenceIn(node: Text, doubtful: Span[]): ElementContent[] {
  const offset = sourceOffset(node);
  const made: ElementContent[] = [];
  let end = 0;
  const plain = (until: number) => made.push(...underlined(node.value.slice(end, until), offset === null ? null : offset + end, doubtful));
  for (const match of node.value.matchAll(MARK)) {
    plain(match.index);
    made.push(match[1] ? mark("dataCite", match[1]) : mark("dataUnverified", match[2] ?? ""));
    end = match.index + match[0].length;
  }
  plain(node.value.length);
  return made;
}

/** Where the node stands in the source; null where escapes make its text differ from it. */
function sourceOffset({ value, position }: Text): number | null {
  const { start, end } = position ?? {};
  if (start?.offset === undefined || end?.offset === undefined) return null;
  return end.offset - start.offset === value.length ? start.offset : null;
}

function underlined(text: string, offset: number | null, doubtful: Span[]): ElementContent[] {
  if (!text) return [];
  const span = offset === null ? undefined : doubtful.find(({ start, end }) => start < offset + text.length && end > offset);
  if (!span || offset === null) return [{ type: "text", value: text }];
  const from = Math.max(span.start - offset, 0);
  const to = Math.min(span.end - offset, text.length);
  return [
    ...underlined(text.slice(0, from), null, []),
    element("dataDoubtful", "true", text.slice(from, to)),
    ...underlined(text.slice(to), offset + to, doubtful),
  ];
}

const mark = (name: string, value: string): Element => element(name, value, "");

function element(name: string, value: string, text: string): Element {
  const children: Text[] = text ? [{ type: "text", value: text }] : [];
  return { type: "element", tagName: "span", properties: { [name]: value }, children };
}
