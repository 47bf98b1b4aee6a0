/** Files into a collection: bytes first, then one job, which is followed to its end. */
import { ApiError, getJson, pageHeader, send, unreachable } from "../api/client";
import { eventsOf } from "../api/eventStream";
import type { Collection, FileObject, Job } from "../api/types";

export async function makeCollection(name: string): Promise<Collection> {
  return getJson<Collection>("/api/collections", { json: { name } });
}

/** Sends one file. `XMLHttpRequest`, since fetch does not tell how much has been sent. */
export function sendFile(file: File, onSent: (share: number) => void, signal: AbortSignal): Promise<FileObject> {
  const form = new FormData();
  form.set("purpose", "assistants");
  form.set("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/files");
    for (const [name, value] of Object.entries(pageHeader)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onload = () => {
      if (request.status < 300) resolve(request.response as FileObject);
      else reject(refusal(request));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

export async function ingest(collection: string, files: FileObject[], signal: AbortSignal): Promise<Job> {
  const documents = files.map((file) => ({ file_id: file.id, source: file.filename }));
  return getJson<Job>("/api/jobs", { json: { collection, documents }, signal });
}

/** Tells how a job stands whenever that changes; returns it as it ended. */
export async function followJob(id: string, onChange: (job: Job) => void, signal: AbortSignal): Promise<Job> {
  const path = `/api/jobs/${encodeURIComponent(id)}`;
  for (;;) {
    for await (const { event, data } of eventsOf(await send(`${path}/events`, { signal }))) {
      if (event !== "progress" && event !== "done") continue;
      const job = JSON.parse(data) as Job;
      onChange(job);
      if (event === "done") return job;
    }
    // A stream that breaks loses nothing: it is opened again, and begins with how the job stands.
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function refusal(request: XMLHttpRequest): ApiError {
  const body = request.response as { error?: { message?: string; code?: string } } | null;
  const message = body?.error?.message ?? `The file was refused with HTTP ${request.status}.`;
  return new ApiError(message, request.status, body?.error?.code ?? "unknown");
}
