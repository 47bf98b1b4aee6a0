import { FileText, RadioTower } from "lucide-react";

import { isLive } from "../api/live";
import type { Citation } from "../api/types";

/** The documents and live data that an answer cites, each with its numbers. */
export function Sources({ citations, onCite }: { citations: Citation[]; onCite: (number: number) => void }) {
  const first = citations.filter((citation, index) => citations.findIndex((other) => other.number === citation.number) === index);
  if (!first.length) return null;
  return (
    <ul className="sources" aria-label="Sources">
      {first.map((citation) => (
        <li key={citation.number}>
          <button type="button" className="source-chip" onClick={() => onCite(citation.number)}>
            <span className="cite" aria-hidden>
              {citation.number}
            </span>
            {isLive(citation) ? <RadioTower aria-hidden /> : <FileText aria-hidden />}
            <span className="ellipsis">{citation.title || citation.source}</span>
            {isLive(citation) && <span className="muted">live</span>}
            {citation.page !== null && <span className="muted">p. {citation.page}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
