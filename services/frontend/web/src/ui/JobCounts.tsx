import type { Job } from "../api/types";
import { seconds } from "./format";

/** How far a job is, and which of its first documents failed with what reason. */
export function JobCounts({ job }: { job: Job }) {
  const settled = job.done + job.unchanged + job.failed;
  return (
    <>
      <div role="status">
        <p>
          <span className={`status ${job.status}`}>{job.status}</span> {settled} of {job.total} {job.total === 1 ? "document" : "documents"}
          {job.unchanged > 0 && <>, {job.unchanged} unchanged</>}
          {job.failed > 0 && <>, {job.failed} failed</>}
          {job.chunks > 0 && <>, {job.chunks} chunks</>}
          {job.eta_seconds != null && settled < job.total && <>, about {seconds(job.eta_seconds)} left</>}
        </p>
        <progress aria-label="Documents done" max={job.total || 1} value={settled} />
      </div>
      {job.error && <p className="error-text">{job.error}</p>}
      {job.failures && job.failures.length > 0 && (
        <ul className="failures">
          {job.failures.map(({ source, reason }) => (
            <li key={source}>
              <strong>{source}</strong>: {reason.message} <code>{reason.code}</code>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
