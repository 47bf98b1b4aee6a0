import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { send, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { LoggedRequest } from "../../api/types";
import { ConfirmDialog } from "../../ui/Dialog";
import { count, milliseconds, when } from "../../ui/format";
import { Busy, Failure } from "../../ui/states";
import { Folded, JsonText, PlainText } from "../Details";
import { Facts } from "../Listing";
import { Flags } from "./RequestsPage";

/** One request to a language model with all that is kept of it. */
export function RequestPage() {
  const { id = "" } = useParams();
  const client = useQueryClient();
  const navigate = useNavigate();
  const found = useQuery(queries.loggedRequest(id));
  const [deleting, setDeleting] = useState(false);
  if (found.isPending) return <Busy what="Loading the request" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const request = found.data;
  const remove = async () => {
    await send(`/api/inference/requests/${encodeURIComponent(request.id)}`, { method: "DELETE" });
    await client.invalidateQueries({ queryKey: ["requests"] });
    await navigate("/console/requests");
  };
  return (
    <>
      <header className="page-head">
        <h1>Request to {request.model}</h1>
        <button type="button" className="button danger" onClick={() => setDeleting(true)}>
          <Trash2 aria-hidden /> Forget
        </button>
      </header>
      {request.flags.length > 0 && (
        <p>
          <Flags of={request.flags} />
        </p>
      )}
      <About request={request} />
      <Words of={request} />
      <Folded title="Its numbers and switches">
        <JsonText value={request.parameters} label="Numbers and switches" />
      </Folded>
      {deleting && (
        <ConfirmDialog title="Forget this request?" action="Forget the request" onConfirm={remove} onClose={() => setDeleting(false)}>
          It is taken out of the request log.
        </ConfirmDialog>
      )}
    </>
  );
}

function About({ request }: { request: LoggedRequest }) {
  const { usage, timings, request_id: transaction } = request;
  return (
    <Facts
      facts={[
        ["Begun", when(request.created_at)],
        ["By", request.principal ?? "the platform"],
        ["Served by", `${request.served_model ?? "–"}${request.replica ? `, ${request.replica}` : ""}`],
        ["Operation", `${request.operation.replace("_", " ")}${request.streamed ? ", streamed" : ""}`],
        ["Ended", request.error_code ?? request.finish_reason ?? "–"],
        ["Tokens in", usage ? `${count(usage.prompt_tokens)}, ${count(usage.cached_tokens)} of them cached` : "not told"],
        ["Tokens out", usage ? count(usage.completion_tokens) : "not told"],
        ["Queue", milliseconds(timings.queue_ms)],
        ["TTFT", milliseconds(timings.ttft_ms)],
        ["ITL", milliseconds(timings.itl_ms)],
        ["In all", milliseconds(timings.e2e_ms)],
        ["Class", request.slo_class ?? "none"],
        ["Cost", request.cost?.toFixed(6) ?? "–"],
        ["Answer's record", transaction ? <Link to={`/console/answers/${transaction}`}>look for it</Link> : "–"],
        ["Transaction", transaction ?? "–"],
      ]}
    />
  );
}

const REASONS: Record<string, string> = {
  too_large: "Its words are too many to be kept.",
  redactor: "Its words are not kept, since the redactor failed.",
};

function Words({ of: { body, outputs, without, level } }: { of: LoggedRequest }) {
  if (!body && !outputs) {
    return <p className="muted">{without ? (REASONS[without] ?? without) : `No words are kept at the level “${level}”; RAGWORKS_INFERENCE_LOG sets it.`}</p>;
  }
  return (
    <>
      {outputs?.map((output) => (
        <section key={output.index ?? 0} aria-label="Output">
          <h2>What it said</h2>
          <PlainText text={output.content || "(nothing)"} label="What it said" />
          {output.tool_calls && output.tool_calls.length > 0 && <JsonText value={output.tool_calls} label="Calls of tools" />}
        </section>
      ))}
      {body && (
        <Folded title="The request as it came">
          <JsonText value={body} label="The request as it came" />
        </Folded>
      )}
    </>
  );
}
