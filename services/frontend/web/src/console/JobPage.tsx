import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ban, Pause, Play, RotateCcw } from "lucide-react";
import { useEffect } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { getJson, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { DocumentProgress, Job } from "../api/types";
import { seconds, when } from "../ui/format";
import { JobCounts } from "../ui/JobCounts";
import { Busy, Failure } from "../ui/states";
import { followJob } from "../upload/upload";
import { Facts, Listing, type Column } from "./Listing";

const ENDED = new Set(["completed", "failed", "cancelled"]);

const FAILED: Column<DocumentProgress>[] = [
  { name: "Document", show: ({ source }) => source, wide: true },
  { name: "Stage", show: ({ reason }) => reason?.stage ?? "–" },
  { name: "Code", show: ({ reason }) => <code>{reason?.code ?? "–"}</code> },
  { name: "Reason", show: ({ reason }) => reason?.message ?? "–", wide: true },
];

export function JobPage() {
  const { id = "" } = useParams();
  const found = useQuery(queries.job(id));
  useLive(id, found.data ? !ENDED.has(found.data.status) : false);
  if (found.isPending) return <Busy what="Loading the job" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const job = found.data;
  const stages = Object.entries(job.seconds_by_stage ?? {});
  return (
    <>
      <header className="page-head">
        <h1>Job of {job.collection}</h1>
        <Steering job={job} />
      </header>
      <JobCounts job={{ ...job, failures: [] }} />
      <Facts
        facts={[
          ["Id", job.id],
          ["Collection", <Link to={`/console/collections/${job.collection}`}>{job.collection}</Link>],
          ["Begun", when(job.created_at)],
          ["Ended", when(job.finished_at)],
          ["Time by stage", stages.map(([stage, value]) => `${stage} ${seconds(value)}`).join(", ") || "–"],
        ]}
      />
      {job.failed > 0 && (
        <>
          <h2>Documents that failed</h2>
          <Listing query={queries.jobDocuments(id, "failed")} label="Documents that failed" empty="None is left." columns={FAILED} keyOf={({ position }) => String(position)} />
        </>
      )}
    </>
  );
}

/** Follows the job's events while it is at work. */
function useLive(id: string, live: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    if (!live) return undefined;
    const controller = new AbortController();
    const show = (job: Job) => client.setQueryData(queries.job(id).queryKey, job);
    followJob(id, show, controller.signal).catch(() => undefined); // the page stands as it is; loading it again asks again
    return () => controller.abort();
  }, [client, id, live]);
}

const STEPS = [
  { name: "retry", label: "Retry what failed", Icon: RotateCcw, when: (job: Job) => ENDED.has(job.status) && job.failed > 0 },
  { name: "pause", label: "Pause", Icon: Pause, when: ({ status }: Job) => status === "running" || status === "queued" },
  { name: "resume", label: "Resume", Icon: Play, when: ({ status }: Job) => status === "paused" },
  { name: "cancel", label: "Cancel", Icon: Ban, when: ({ status }: Job) => !ENDED.has(status) },
] as const;

function Steering({ job }: { job: Job }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const steer = useMutation({
    mutationFn: (step: string) => getJson<Job>(`/api/jobs/${encodeURIComponent(job.id)}/${step}`, { method: "POST" }),
    onSuccess: async (changed) => {
      client.setQueryData(queries.job(changed.id).queryKey, changed);
      if (changed.id !== job.id) await navigate(`/console/jobs/${changed.id}`);
    },
  });
  return (
    <>
      {STEPS.filter((step) => step.when(job)).map(({ name, label, Icon }) => (
        <button key={name} type="button" className="button" disabled={steer.isPending} onClick={() => steer.mutate(name)}>
          <Icon aria-hidden /> {label}
        </button>
      ))}
      {steer.isError && <span className="error-text">{sentence(steer.error)}</span>}
    </>
  );
}
