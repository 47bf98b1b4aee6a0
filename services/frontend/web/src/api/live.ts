/** Live material: what a tool of an outside system said while a question was answered. It is no document. */

const LIVE = "live:";
const TOOL = /^tool:([a-z][a-z0-9_-]*\.[\w-]+)$/;

/** Whether a citation or passage is live material. */
export function isLive({ document_id: id }: { document_id: string }): boolean {
  return id.startsWith(LIVE);
}

/** The tool that said it; null where its source names another place. */
export function toolOf({ source }: { source: string | null }): string | null {
  return source?.match(TOOL)?.[1] ?? null;
}
