import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { send, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { PlatformRecord } from "../../api/types";
import { FeedbackBar } from "../../chat/FeedbackBar";
import { ConfirmDialog } from "../../ui/Dialog";
import { count, when, words } from "../../ui/format";
import { Busy, Failure } from "../../ui/states";
import { Folded, PlainText } from "../Details";
import { Facts } from "../Listing";
import { useOperator } from "../OperatorOnly";
import { Verdict } from "./AnswersPage";
import { Claims, Passages, Timings } from "./Evidence";

/** One answer with all that is kept of it. */
export function AnswerPage() {
  const { id = "" } = useParams();
  const client = useQueryClient();
  const navigate = useNavigate();
  const found = useQuery(queries.record(id));
  const [deleting, setDeleting] = useState(false);
  if (found.isPending) return <Busy what="Loading the answer" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const record = found.data;
  const remove = async () => {
    await send(`/api/records/${encodeURIComponent(id)}`, { method: "DELETE" });
    client.removeQueries({ queryKey: ["record", id] });
    await client.invalidateQueries({ queryKey: ["records"] });
    await navigate("/console/answers");
  };
  return (
    <>
      <header className="page-head">
        <h1 dir="auto">{words(record.question)}</h1>
        <button type="button" className="button danger" onClick={() => setDeleting(true)}>
          <Trash2 aria-hidden /> Forget
        </button>
      </header>
      <div className="sheet document-text" dir="auto">
        {words(record.answer)}
      </div>
      <Said record={record} />
      <About record={record} />
      <Claims claims={record.claims} />
      <Passages passages={record.passages} />
      <Timings of={record.timings_ms} />
      {record.messages && (
        <Folded title="The prompt, as it was sent">
          {record.messages.map((message, index) => (
            <PlainText key={index} label={`Message ${index + 1} of the prompt`} text={`${message["role"] ?? ""}\n\n${message["content"] ?? ""}`} />
          ))}
        </Folded>
      )}
      {deleting && (
        <ConfirmDialog title="Forget this answer?" action="Forget the answer" onConfirm={remove} onClose={() => setDeleting(false)}>
          Its record goes, with what was said about it. The conversation stays.
        </ConfirmDialog>
      )}
    </>
  );
}

function Said({ record: { id, feedback } }: { record: PlatformRecord }) {
  return (
    <section aria-label="Feedback">
      <div className="answer-tools">
        <FeedbackBar recordId={id} />
        {feedback && (
          <span className="muted">
            by {feedback.given_by ?? "somebody"}, {when(feedback.given_at)}
          </span>
        )}
      </div>
      {feedback?.comment && <blockquote dir="auto">{feedback.comment}</blockquote>}
      {feedback?.corrected_answer && (
        <p dir="auto">
          <strong>Better:</strong> {feedback.corrected_answer}
        </p>
      )}
      {feedback?.wrong_citations && feedback.wrong_citations.length > 0 && <p>Wrong citations: {feedback.wrong_citations.join(", ")}</p>}
    </section>
  );
}

function About({ record }: { record: PlatformRecord }) {
  const operator = useOperator();
  const { request_id: request, usage, conversation } = record;
  const facts: [string, ReactNode][] = [
    ["Verdict", <Verdict of={record} />],
    ["Asked", when(record.created_at)],
    ["By", record.principal ?? "–"],
    ["Collection", record.collection],
    ["Searched for", record.query ?? "the question itself"],
    ["Model", record.model ?? "none was asked"],
    ["Tokens", `${count(usage.prompt_tokens ?? 0)} in, ${count(usage.completion_tokens ?? 0)} out`],
    ["Ended", record.finish_reason],
    ["Prompt", record.prompt ?? "–"],
    ["Conversation", conversation ? <Link to={`/chat/${conversation}`}>open it</Link> : "–"],
    ["Request", request && operator && record.model ? <Link to={`/console/requests/${request}`}>{request}</Link> : (request ?? "–")],
    ["Id", record.id],
  ];
  return <Facts facts={facts} />;
}
