import { useQuery } from "@tanstack/react-query";

import { pageHeader, sentence } from "../api/client";
import { Busy, Failure } from "../ui/states";
import { Facts, Table, type Column } from "./Listing";

interface Health {
  status: string;
  checks: Record<string, string>;
}

const REFRESH_MS = 5_000;

const COLUMNS: Column<[string, string]>[] = [
  { name: "Part", show: ([name]) => name },
  { name: "State", show: ([, state]) => <span className={`status ${state === "ready" ? "ready" : "failed"}`}>{state}</span>, wide: true },
];

/** Which parts of the platform are ready, asked again every few seconds. */
export function SystemPage() {
  const health = useQuery({
    queryKey: ["health"],
    // Not ready is an answer, too: 503 with the reasons.
    queryFn: async () => (await (await fetch("/readyz", { headers: pageHeader })).json()) as Health,
    refetchInterval: REFRESH_MS,
  });
  const version = useQuery({
    queryKey: ["version"],
    queryFn: async () => (await (await fetch("/version")).json()) as { version: string },
  });
  return (
    <>
      <header className="page-head">
        <h1>System</h1>
      </header>
      <Facts
        facts={[
          ["Version", version.data?.version ?? "–"],
          ["State", health.data?.status.replace("_", " ") ?? "–"],
        ]}
      />
      {health.isPending && <Busy what="Asking every part" />}
      {health.isError && <Failure message={`The gateway does not answer: ${sentence(health.error)}`} />}
      {health.data && <Table label="Parts" columns={COLUMNS} rows={Object.entries(health.data.checks)} keyOf={([name]) => name} />}
    </>
  );
}
