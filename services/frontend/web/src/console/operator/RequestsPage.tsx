import { Link } from "react-router";

import * as queries from "../../api/queries";
import type { RequestSummary } from "../../api/types";
import { count, milliseconds, when } from "../../ui/format";
import { Filters, useWanted, type Filter } from "../Filters";
import { Listing, type Column } from "../Listing";
import { Status } from "../Status";

const FLAGS = ["length", "empty_output", "repetition", "error", "client_left", "slow", "long_prompt", "takeover"];

const FILTERS: Filter[] = [
  { name: "flag", label: "Flag", kind: "choice", options: FLAGS.map((flag) => [flag, flag.replace("_", " ")] as const) },
  { name: "flagged", label: "With flags", kind: "choice", options: [["true", "yes"], ["false", "no"]] },
  { name: "model", label: "Model", kind: "text" },
  { name: "principal", label: "By", kind: "text" },
  { name: "error", label: "Error code", kind: "text" },
  { name: "since", label: "From", kind: "time" },
  { name: "until", label: "Until", kind: "time" },
];

const COLUMNS: Column<RequestSummary>[] = [
  { name: "Begun", show: ({ id, created_at: time }) => <Link to={`/console/requests/${id}`}>{when(time)}</Link> },
  { name: "Model", show: ({ model }) => model },
  { name: "Flags", show: ({ flags }) => (flags.length ? <Flags of={flags} /> : "–") },
  { name: "Ended", show: ({ finish_reason: reason, error_code: error }) => error ?? reason ?? "–" },
  { name: "In, cached, out", show: ({ usage }) => (usage ? `${count(usage.prompt_tokens)}, ${count(usage.cached_tokens)}, ${count(usage.completion_tokens)}` : "–"), numeric: true },
  { name: "Queue", show: ({ timings }) => milliseconds(timings.queue_ms), numeric: true },
  { name: "TTFT", show: ({ timings }) => milliseconds(timings.ttft_ms), numeric: true },
  { name: "ITL", show: ({ timings }) => milliseconds(timings.itl_ms), numeric: true },
  { name: "In all", show: ({ timings }) => milliseconds(timings.e2e_ms), numeric: true },
  { name: "By", show: ({ principal }) => principal ?? "the platform" },
];

/** What each request to a language model was and took. */
export function RequestsPage() {
  const wanted = useWanted(FILTERS);
  return (
    <>
      <header className="page-head">
        <h1>Requests</h1>
      </header>
      <Filters filters={FILTERS} />
      <Listing
        query={queries.requests(wanted)}
        label="Requests"
        empty="No request is kept that fits. Ask something in the chat, or take a filter away."
        columns={COLUMNS}
        keyOf={({ id }) => id}
      />
    </>
  );
}

export function Flags({ of }: { of: string[] }) {
  return (
    <span className="flags">
      {of.map((flag) => (
        <Status key={flag} of={flag === "error" ? "failed" : "paused"} word={flag} />
      ))}
    </span>
  );
}
