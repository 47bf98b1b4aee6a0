import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { download, queryString, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { RecordSummary } from "../../api/types";
import { when, words } from "../../ui/format";
import { Failure } from "../../ui/states";
import { Filters, useWanted, type Filter } from "../Filters";
import { Listing, type Column } from "../Listing";
import { useOperator } from "../OperatorOnly";
import { Status } from "../Status";

const CHARACTERS = 160;

const COLUMNS: Column<RecordSummary>[] = [
  { name: "Question", show: ({ id, question }) => <Link to={`/console/answers/${id}`}>{cut(words(question))}</Link>, wide: true },
  { name: "Verdict", show: (record) => <Verdict of={record} /> },
  { name: "Feedback", show: (record) => <Said of={record} /> },
  { name: "Asked", show: ({ created_at: time }) => when(time) },
  { name: "Answer", show: ({ answer }) => <span dir="auto">{cut(words(answer))}</span>, wide: true },
  { name: "Collection", show: ({ collection }) => collection },
  { name: "By", show: ({ principal }) => principal ?? "–" },
];

/** What was asked and answered, as far as it is kept. */
export function AnswersPage() {
  const filters = useFilters();
  const wanted = useWanted(filters);
  const [failure, setFailure] = useState<string | null>(null);
  const save = () => {
    setFailure(null);
    download(`/api/records/export${queryString(wanted)}`, "records.jsonl").catch((error: unknown) => setFailure(sentence(error)));
  };
  return (
    <>
      <header className="page-head">
        <h1>Answers</h1>
        <button type="button" className="button" onClick={save}>
          <Download aria-hidden /> Save these
        </button>
      </header>
      {failure && <Failure message={failure} />}
      <Filters filters={filters} />
      <Listing
        query={queries.records(wanted)}
        label="Answers"
        empty="No answer is kept that fits. Ask something in the chat, or take a filter away."
        columns={COLUMNS}
        keyOf={({ id }) => id}
      />
    </>
  );
}

function useFilters(): Filter[] {
  const operator = useOperator();
  const collections = useQuery(queries.collections());
  return [
    { name: "q", label: "With this text", kind: "text" },
    { name: "collection", label: "Collection", kind: "choice", options: (collections.data ?? []).map(({ name }) => [name, name] as const) },
    {
      name: "feedback",
      label: "Feedback",
      kind: "choice",
      options: [["down", "bad"], ["up", "good"], ["any", "some"], ["none", "none"]] as const,
    },
    { name: "abstained", label: "Answered", kind: "choice", options: [["false", "yes"], ["true", "no"]] as const },
    { name: "unsupported", label: "Claims", kind: "choice", options: [["true", "some unsupported"], ["false", "all supported"]] as const },
    { name: "since", label: "From", kind: "time" },
    { name: "until", label: "Until", kind: "time" },
    ...(operator ? ([{ name: "principal", label: "By", kind: "text" }] as const) : []),
  ];
}

export function Verdict({ of }: { of: RecordSummary }) {
  if (of.error_code) return <Status of="failed" word={of.error_code} />;
  if (of.finish_reason === "cancelled") return <Status of="cancelled" word="left" />;
  if (of.abstained) return <Status of="paused" word="no answer" />;
  if (of.unsupported_claims) return <Status of="failed" word={`${of.unsupported_claims} unsupported`} />;
  return <Status of="completed" word="supported" />;
}

function Said({ of: { feedback } }: { of: RecordSummary }) {
  if (!feedback) return "–";
  const words = feedback.rating === "up" ? "good" : feedback.rating === "down" ? "bad" : "said";
  return <Status of={feedback.rating === "up" ? "completed" : feedback.rating === "down" ? "failed" : "queued"} word={feedback.comment ? `${words}, with words` : words} />;
}

function cut(text: string): string {
  return text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text;
}
