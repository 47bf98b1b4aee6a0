import { Link } from "react-router";

import type { Passage } from "../api/types";
import { score } from "../ui/format";

/** What a search found, best first. */
export function PassageList({ passages, onExplain }: { passages: Passage[]; onExplain: (document: string) => void }) {
  return (
    <ol className="passages">
      {passages.map(({ id, chunk, scores }) => (
        <li key={id}>
          <p className="passage-head">
            <Link to={`/console/documents/${chunk.document_id}`}>{chunk.title || chunk.source}</Link>
            {chunk.page != null && <span className="muted">page {chunk.page}</span>}
            <span className="muted">
              fused {score(scores.fused)} · meaning {score(scores.dense)} · words {score(scores.sparse)}
              {scores.rerank != null && <> · reranker {score(scores.rerank)}</>}
            </span>
            <button type="button" className="button quiet" onClick={() => onExplain(chunk.document_id)}>
              Why?
            </button>
          </p>
          {chunk.headings && chunk.headings.length > 0 && <p className="muted">{chunk.headings.join(" › ")}</p>}
          <p className="document-text" dir="auto">
            {chunk.text}
          </p>
        </li>
      ))}
    </ol>
  );
}
