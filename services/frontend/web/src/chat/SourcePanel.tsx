import { ChevronDown, ChevronUp, Download, Flag, X } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link } from "react-router";

import { download, sentence } from "../api/client";
import { isLive, toolOf } from "../api/live";
import type { Citation } from "../api/types";
import { useFeedback } from "./FeedbackBar";
import { LiveText } from "./LiveText";
import { QuotedText } from "./QuotedText";

export interface OpenSource {
  citations: Citation[];
  number: number;
  recordId: string | null;
}

/** What is cited, a document or live data, beside the answer, at the cited passage. */
export function SourcePanel({ source, onClose }: { source: OpenSource; onClose: () => void }) {
  const quotes = source.citations.filter((citation) => citation.number === source.number);
  const [place, setPlace] = useState(0);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    setPlace(0);
    panel.current?.focus();
  }, [source]);
  const citation = quotes[Math.min(place, quotes.length - 1)];
  if (!citation) return null;
  return (
    <aside
      ref={panel}
      className="source-panel"
      aria-label={`Source ${citation.number}: ${citation.title || citation.source}`}
      tabIndex={-1}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header>
        <span className="cite">{citation.number}</span>
        <h2>
          <Origin citation={citation} />
        </h2>
        <button type="button" className="icon-button" aria-label="Close the source" onClick={onClose}>
          <X aria-hidden />
        </button>
      </header>
      <p className="muted source-facts">
        {isLive(citation) && <span>live data of a tool, not a document</span>}
        <span className="ellipsis">{citation.source}</span>
        {citation.page !== null && <span>page {citation.page}</span>}
        <span>supports the claim by {Math.round(citation.support * 100)} %</span>
      </p>
      <SourceTools citation={citation} recordId={source.recordId}>
        {quotes.length > 1 && (
          <span className="versions">
            <button type="button" className="icon-button" aria-label="Earlier quote" disabled={place === 0} onClick={() => setPlace(place - 1)}>
              <ChevronUp aria-hidden />
            </button>
            quote {place + 1} of {quotes.length}
            <button type="button" className="icon-button" aria-label="Later quote" disabled={place >= quotes.length - 1} onClick={() => setPlace(place + 1)}>
              <ChevronDown aria-hidden />
            </button>
          </span>
        )}
      </SourceTools>
      {isLive(citation) ? <LiveText citation={citation} recordId={source.recordId} /> : <QuotedText citation={citation} />}
    </aside>
  );
}

/** Where it can be looked at on a page of its own. */
function Origin({ citation }: { citation: Citation }) {
  const tool = isLive(citation) ? toolOf(citation) : null;
  const name = citation.title || citation.source;
  if (isLive(citation) && !tool) return <span dir="auto">{name}</span>;
  return (
    <Link to={tool ? `/console/tools/${tool}` : `/console/documents/${citation.document_id}`} dir="auto">
      {name}
    </Link>
  );
}

interface SourceToolsProps {
  citation: Citation;
  recordId: string | null;
  children: ReactNode;
}

function SourceTools({ citation, recordId, children }: SourceToolsProps) {
  const { file_id: fileId, source } = citation;
  const [failure, setFailure] = useState<string | null>(null);
  const save = (id: string) => {
    const name = source.split("/").at(-1) ?? "document";
    download(`/v1/files/${encodeURIComponent(id)}/content`, name).catch((error: unknown) => setFailure(sentence(error)));
  };
  return (
    <div className="source-tools">
      {children}
      {fileId !== null && (
        <button type="button" className="button quiet" onClick={() => save(fileId)}>
          <Download aria-hidden /> Original
        </button>
      )}
      {recordId !== null && <WrongCitation key={citation.number} recordId={recordId} number={citation.number} />}
      {failure && <span className="error-text">{failure}</span>}
    </div>
  );
}

function WrongCitation({ recordId, number }: { recordId: string; number: number }) {
  const feedback = useFeedback(recordId);
  if (feedback.isSuccess) return <span role="status">Reported. Thank you.</span>;
  return (
    <>
      <button type="button" className="button quiet" onClick={() => feedback.mutate({ wrong_citations: [number] })}>
        <Flag aria-hidden /> Wrong citation
      </button>
      {feedback.isError && <span className="error-text">{sentence(feedback.error)}</span>}
    </>
  );
}
