/** One upload: how much of each file was sent, how far the job is, and how it ended. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { sentence } from "../api/client";
import type { Job } from "../api/types";
import { followJob, ingest, makeCollection, sendFile } from "./upload";

export type UploadState =
  | { phase: "choosing"; error: string | null }
  | { phase: "sending"; shares: number[] }
  | { phase: "reading"; job: Job }
  | { phase: "ended"; job: Job };

interface Wanted {
  files: File[];
  collection: string;
  isNew: boolean;
}

export function useUpload() {
  const client = useQueryClient();
  const [state, setState] = useState<UploadState>({ phase: "choosing", error: null });
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const start = async ({ files, collection, isNew }: Wanted) => {
    const { signal } = (controller.current = new AbortController());
    setState({ phase: "sending", shares: files.map(() => 0) });
    try {
      if (isNew) await makeCollection(collection);
      const sent = [];
      for (const [index, file] of files.entries()) {
        const onSent = (share: number) =>
          setState((now) => (now.phase === "sending" ? { ...now, shares: now.shares.with(index, share) } : now));
        sent.push(await sendFile(file, onSent, signal));
      }
      const job = await ingest(collection, sent, signal);
      const ended = await followJob(job.id, (changed) => setState({ phase: "reading", job: changed }), signal);
      setState({ phase: "ended", job: ended });
      await client.invalidateQueries();
    } catch (error) {
      if (!signal.aborted) setState({ phase: "choosing", error: sentence(error) });
      await client.invalidateQueries({ queryKey: ["collections"] });
    }
  };
  return { state, start };
}
