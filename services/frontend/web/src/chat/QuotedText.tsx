import { useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState } from "react";

import { send, sentence } from "../api/client";
import type { Citation } from "../api/types";
import { Busy, Failure } from "../ui/states";
import { findQuote, type Span } from "./places";

const AROUND = 4_000;

/** A document's text around the quote, which is highlighted and in view. */
export function QuotedText({ citation }: { citation: Citation }) {
  const { document_id: id, quote, char_start: start, char_end: end } = citation;
  const text = useQuery({
    queryKey: ["text", id],
    queryFn: async ({ signal }) => (await send(`/api/documents/${encodeURIComponent(id)}/text`, { signal })).text(),
  });
  if (text.isPending) return <Busy what="Loading the document" />;
  if (text.isError) return <Lost citation={citation} reason={sentence(text.error)} />;
  const span = findQuote(text.data, quote, start, end);
  if (!span) return <Lost citation={citation} reason="The document has changed since: it does not say this any more." />;
  return <QuoteWindow key={`${id}-${span.start}`} text={text.data} span={span} label="Text of the document" />;
}

/** Text around a quote, which is highlighted and in view. */
export function QuoteWindow({ text, span, label }: { text: string; span: Span; label: string }) {
  const [from, setFrom] = useState(Math.max(0, span.start - AROUND));
  const [until, setUntil] = useState(Math.min(text.length, span.end + AROUND));
  const box = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const { current: area } = box;
    if (area && mark.current) area.scrollTop += mark.current.getBoundingClientRect().top - area.getBoundingClientRect().top - area.clientHeight / 3;
  }, []);
  return (
    <div ref={box} className="quoted-text" tabIndex={0} role="region" aria-label={label} dir="auto">
      {from > 0 && (
        <button type="button" className="button quiet" onClick={() => setFrom(Math.max(0, from - 5 * AROUND))}>
          Show what comes before
        </button>
      )}
      <div className="document-text">
        {text.slice(from, span.start)}
        <mark ref={mark}>{text.slice(span.start, span.end)}</mark>
        {text.slice(span.end, until)}
      </div>
      {until < text.length && (
        <button type="button" className="button quiet" onClick={() => setUntil(Math.min(text.length, until + 5 * AROUND))}>
          Show what follows
        </button>
      )}
    </div>
  );
}

function Lost({ citation, reason }: { citation: Citation; reason: string }) {
  return (
    <>
      <Failure message={reason} />
      <blockquote dir="auto">“{citation.quote}”</blockquote>
    </>
  );
}
