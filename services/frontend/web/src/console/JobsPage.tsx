import { useState } from "react";
import { Link } from "react-router";

import * as queries from "../api/queries";
import type { Job, JobStatus } from "../api/types";
import { count, when } from "../ui/format";
import { Listing, type Column } from "./Listing";

const STATUSES: JobStatus[] = ["queued", "running", "paused", "completed", "failed", "cancelled"];
const REFRESH_MS = 5_000;

const COLUMNS: Column<Job>[] = [
  { name: "Job", show: ({ id }) => <Link to={`/console/jobs/${id}`}>{id.slice(0, 12)}…</Link> },
  { name: "Collection", show: ({ collection }) => <Link to={`/console/collections/${collection}`}>{collection}</Link> },
  { name: "Status", show: ({ status }) => <span className={`status ${status}`}>{status}</span> },
  { name: "Documents", show: ({ total }) => count(total), numeric: true },
  { name: "Done", show: ({ done, unchanged }) => count(done + unchanged), numeric: true },
  { name: "Failed", show: ({ failed }) => (failed ? <span className="error-text">{count(failed)}</span> : "0"), numeric: true },
  { name: "Begun", show: ({ created_at: time }) => when(time) },
];

export function JobsPage() {
  const [status, setStatus] = useState("");
  return (
    <>
      <header className="page-head">
        <h1>Jobs</h1>
        <label>
          Status{" "}
          <select value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">any</option>
            {STATUSES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </header>
      <Listing query={queries.jobs(status || undefined)} label="Jobs" empty="There is no such job." columns={COLUMNS} keyOf={({ id }) => id} refreshMs={REFRESH_MS} />
    </>
  );
}
