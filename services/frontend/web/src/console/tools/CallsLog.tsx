import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { CallRecord } from "../../api/types";
import { milliseconds, when } from "../../ui/format";
import { Busy, Empty, Failure } from "../../ui/states";
import { Table, type Column } from "../Listing";
import { Status } from "../Status";

const FIRST = 50;
/** The platform gives no more of the newest at once. */
const MOST = 1_000;
const WELL = new Set(["ok", "cached"]);

const COLUMNS: Column<CallRecord>[] = [
  { name: "When", show: ({ at }) => when(at) },
  { name: "Tool", show: ({ tool }) => tool, wide: true },
  { name: "Effect", show: ({ effect }) => effect },
  { name: "Outcome", show: ({ outcome }) => <Status of={WELL.has(outcome) ? "completed" : outcome === "started" ? "running" : "failed"} word={outcome} /> },
  { name: "Took", show: ({ ms }) => milliseconds(ms), numeric: true },
  { name: "By", show: ({ principal }) => principal ?? "the platform" },
  { name: "Call", show: ({ id }) => <code>{id}</code> },
  { name: "Request", show: ({ request_id: id }) => (id ? <code>{id}</code> : "–") },
];

/** Who called what, and what became of it. */
export function CallsLog() {
  const [limit, setLimit] = useState(FIRST);
  const calls = useQuery({ ...queries.toolCalls(limit), placeholderData: keepPreviousData });
  if (calls.isPending) return <Busy what="Loading the calls" />;
  if (calls.isError) return <Failure message={sentence(calls.error)} />;
  if (!calls.data.length) return <Empty title="No tool has been called yet." />;
  return (
    <>
      <p className="muted">Arguments are kept as a digest alone.</p>
      <Table label="Calls" columns={COLUMNS} rows={calls.data} keyOf={({ id, outcome }) => id + outcome} />
      {calls.data.length >= limit && limit < MOST && (
        <button type="button" className="button" disabled={calls.isFetching} onClick={() => setLimit(Math.min(limit * 5, MOST))}>
          Show more
        </button>
      )}
    </>
  );
}
