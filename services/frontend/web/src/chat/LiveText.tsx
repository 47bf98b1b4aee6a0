import { useQuery } from "@tanstack/react-query";

import * as queries from "../api/queries";
import type { Citation } from "../api/types";
import { Busy } from "../ui/states";
import { findQuote } from "./places";
import { QuoteWindow } from "./QuotedText";

/** What a tool said, as the answer's record has it. It was read once, for this answer, and may be different by now. */
export function LiveText({ citation, recordId }: { citation: Citation; recordId: string | null }) {
  const record = useQuery({ ...queries.record(recordId ?? ""), enabled: recordId !== null });
  if (recordId !== null && record.isPending) return <Busy what="Loading what the tool said" />;
  const kept = record.data?.passages.find(({ chunk_id: id }) => id === citation.chunk_id)?.text;
  const text = kept ?? citation.quote;
  const span = findQuote(text, citation.quote, kept ? citation.char_start : 0, kept ? citation.char_end : citation.quote.length);
  return (
    <>
      {!kept && <p className="muted">Of this result only the quote is kept:</p>}
      <QuoteWindow key={citation.chunk_id + citation.char_start} text={text} span={span ?? { start: 0, end: 0 }} label="What the tool said" />
    </>
  );
}
