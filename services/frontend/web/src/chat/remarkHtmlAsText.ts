/** What looks like HTML in an answer is shown as it was written: it is never an element, and never swallowed either. */
import type { Root, RootContent } from "mdast";
import { visit } from "unist-util-visit";

export function remarkHtmlAsText() {
  return (tree: Root) => {
    visit(tree, "html", (node, index, parent) => {
      if (!parent || index === undefined) return;
      const text: RootContent = { type: "text", value: node.value, ...(node.position ? { position: node.position } : {}) };
      parent.children[index] = parent.type === "root" ? { type: "paragraph", children: [text] } : text;
    });
  };
}
