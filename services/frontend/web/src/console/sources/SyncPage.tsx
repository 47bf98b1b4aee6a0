import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ban, Play } from "lucide-react";
import { useEffect } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { getJson, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Sync } from "../../api/types";
import { about, count, several, when } from "../../ui/format";
import { Busy, Failure } from "../../ui/states";
import { Facts } from "../Listing";
import { Status } from "../Status";
import { Changes } from "./Changes";
import { PlanFacts } from "./PlanFacts";

const ENDED = new Set(["completed", "failed", "cancelled"]);
const REFRESH_MS = 1_000;
const STAGES = ["list", "compare", "fetch", "ingest", "delete", "end"];
const WORDS: Record<string, string> = {
  list: "Listing what the source holds",
  compare: "Comparing it with the last sync",
  fetch: "Fetching what is new or changed",
  ingest: "Ingesting",
  delete: "Deleting what vanished",
  end: "Ending",
};

/** One sync, or the plan of one, as it goes on. */
export function SyncPage() {
  const { id = "" } = useParams();
  const client = useQueryClient();
  const found = useQuery({ ...queries.sync(id), refetchInterval: ({ state }) => (state.data && ENDED.has(state.data.status) ? false : REFRESH_MS) });
  const ended = found.data ? ENDED.has(found.data.status) : false;
  useEffect(() => {
    // What it did shows on other pages, too.
    if (ended) for (const key of ["source", "sources", "sourceItems", "syncs", "syncChanges", "documents"]) void client.invalidateQueries({ queryKey: [key] });
  }, [client, ended]);
  if (found.isPending) return <Busy what="Loading the sync" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const sync = found.data;
  return (
    <>
      <header className="page-head">
        <h1>
          {sync.dry_run ? "Plan" : "Sync"} of {sync.source}
        </h1>
        <Steering sync={sync} ended={ended} />
      </header>
      <Progress sync={sync} ended={ended} />
      {sync.error && <Failure message={sync.error} />}
      {sync.plan && <PlanFacts plan={sync.plan} dry={sync.dry_run} />}
      {!sync.dry_run && <Done sync={sync} />}
      {(ended || sync.plan) && <Changes sync={sync} />}
    </>
  );
}

function Progress({ sync, ended }: { sync: Sync; ended: boolean }) {
  const { fetched = 0, ingested = 0, pending = 0, eta_seconds: left } = sync;
  return (
    <>
      <p role="status">
        <Status of={sync.status} /> {!ended && `${WORDS[sync.stage] ?? sync.stage} … `}
        {count(sync.listed)} listed
        {!sync.dry_run && `, ${count(fetched)} fetched, ${count(ingested)} ingested`}
        {pending > 0 && `, ${count(pending)} under way`}
        {left != null && !ended && `, ${about(left)} left`}
      </p>
      {!ended && <Bar sync={sync} />}
    </>
  );
}

/** Documents of the job that is at work, stages before there is one. */
function Bar({ sync: { stage, jobs = [] } }: { sync: Sync }) {
  const id = jobs.at(-1);
  const { data: job } = useQuery({ ...queries.job(id ?? ""), enabled: id !== undefined, refetchInterval: REFRESH_MS });
  if (!job) return <progress aria-label="Stages done" max={STAGES.length} value={STAGES.indexOf(stage)} />;
  const settled = job.done + job.unchanged + job.failed;
  return (
    <>
      <progress aria-label="Documents done" max={job.total || 1} value={settled} />
      <p className="muted">
        {count(settled)} of {several(job.total, "document")} in <Link to={`/console/jobs/${job.id}`}>{jobs.length > 1 ? `job ${jobs.length}` : "its job"}</Link>
      </p>
    </>
  );
}

function Done({ sync }: { sync: Sync }) {
  const { unchanged = 0, renamed = 0, deleted = 0, failed = 0, jobs = [] } = sync;
  return (
    <Facts
      facts={[
        ["Source", <Link to={`/console/sources/${sync.source}`}>{sync.source}</Link>],
        ["Collection", <Link to={`/console/collections/${sync.collection}`}>{sync.collection}</Link>],
        ["Begun", when(sync.started_at ?? sync.created_at)],
        ["Ended", when(sync.finished_at)],
        ["Unchanged", count(unchanged)],
        ["Renamed, deleted", `${count(renamed)}, ${count(deleted)}`],
        ["Failed", failed ? <Link to={`/console/sources/${sync.source}?show=failed`}>{count(failed)}, with reasons</Link> : "0"],
        ["Jobs", jobs.length ? jobs.map((job) => <Link key={job} className="in-row" to={`/console/jobs/${job}`}>{job.slice(0, 12)}…</Link>) : "–"],
      ]}
    />
  );
}

function Steering({ sync, ended }: { sync: Sync; ended: boolean }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const cancel = useMutation({
    mutationFn: () => getJson<Sync>(`/api/syncs/${encodeURIComponent(sync.id)}/cancel`, { method: "POST" }),
    onSuccess: (changed) => client.setQueryData(queries.sync(sync.id).queryKey, changed),
  });
  const again = useMutation({
    mutationFn: (allow: boolean) => getJson<Sync>(`/api/sources/${encodeURIComponent(sync.source)}/sync`, { json: { allow_deletes: allow } }),
    onSuccess: (begun) => navigate(`/console/syncs/${begun.id}`),
  });
  // The platform stops before it deletes most of a source; who has seen the plan may say yes.
  const dangerous = Boolean(sync.plan?.needs_confirmation);
  const failure = cancel.error ?? again.error;
  return (
    <>
      {!ended && (
        <button type="button" className="button" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          <Ban aria-hidden /> Cancel
        </button>
      )}
      {ended && (sync.dry_run || dangerous || sync.status !== "completed") && (
        <button type="button" className={dangerous ? "button danger" : "button primary"} disabled={again.isPending} onClick={() => again.mutate(dangerous)}>
          <Play aria-hidden /> {dangerous ? "Sync, and delete these" : "Sync now"}
        </button>
      )}
      {failure && <span className="error-text">{sentence(failure)}</span>}
    </>
  );
}
