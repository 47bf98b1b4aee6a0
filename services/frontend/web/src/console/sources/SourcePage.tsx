import * as Tabs from "@radix-ui/react-tabs";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ClipboardList, RefreshCw, Settings2, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";

import { getJson, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Source, SourceItem, Sync } from "../../api/types";
import { bytes, count, when } from "../../ui/format";
import { Busy, Failure } from "../../ui/states";
import { Facts, Listing, type Column } from "../Listing";
import { Status } from "../Status";
import { ChangeSource } from "./ChangeSource";
import { placeOf, scheduleWords } from "./places";
import { RemoveSource } from "./RemoveSource";

const REFRESH_MS = 5_000;

const ITEMS: Column<SourceItem>[] = [
  { name: "Item", show: ({ key }) => key, wide: true },
  { name: "State", show: ({ status }) => <Status of={status === "failed" ? "failed" : "completed"} word={status} /> },
  { name: "Size", show: (item) => (item.bytes === null ? "–" : bytes(item.bytes)), numeric: true },
  { name: "Synced", show: ({ synced_at: time }) => when(time) },
];

const FAILED: Column<SourceItem>[] = [
  { name: "Item", show: ({ key }) => key, wide: true },
  { name: "Stage", show: ({ reason }) => reason?.stage ?? "–" },
  { name: "Code", show: ({ reason }) => <code>{reason?.code ?? "–"}</code> },
  { name: "Reason", show: ({ reason }) => reason?.message ?? "–", wide: true },
];

const SYNCS: Column<Sync>[] = [
  { name: "Sync", show: ({ id }) => <Link to={`/console/syncs/${id}`}>{id.slice(0, 12)}…</Link> },
  { name: "Kind", show: ({ dry_run: plan }) => (plan ? "plan" : "sync") },
  { name: "Status", show: ({ status }) => <Status of={status} /> },
  { name: "Begun", show: ({ created_at: time }) => when(time) },
  { name: "Listed", show: ({ listed }) => count(listed), numeric: true },
  { name: "Ingested", show: ({ ingested = 0 }) => count(ingested), numeric: true },
  { name: "Deleted", show: ({ deleted = 0 }) => count(deleted), numeric: true },
  { name: "Failed", show: ({ failed = 0 }) => (failed ? <span className="error-text">{count(failed)}</span> : "0"), numeric: true },
  { name: "Error", show: ({ error }) => error ?? "–", wide: true },
];

export function SourcePage() {
  const { name = "" } = useParams();
  const found = useQuery(queries.source(name));
  const [changing, setChanging] = useState(false);
  const [removing, setRemoving] = useState(false);
  const start = useStart(name);
  if (found.isPending) return <Busy what="Loading the source" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const source = found.data;
  return (
    <>
      <header className="page-head">
        <h1>{source.name}</h1>
        <button type="button" className="button" disabled={start.isPending} onClick={() => start.mutate("plan")}>
          <ClipboardList aria-hidden /> Plan
        </button>
        <button type="button" className="button primary" disabled={start.isPending} onClick={() => start.mutate("sync")}>
          <RefreshCw aria-hidden /> Sync now
        </button>
        <button type="button" className="button" onClick={() => setChanging(true)}>
          <Settings2 aria-hidden /> Change
        </button>
        <button type="button" className="button danger" onClick={() => setRemoving(true)}>
          <Trash2 aria-hidden /> Remove
        </button>
      </header>
      {start.isError && <Failure message={sentence(start.error)} />}
      <About source={source} />
      <Inside source={source} />
      {changing && <ChangeSource source={source} onClose={() => setChanging(false)} />}
      {removing && <RemoveSource source={source} onClose={() => setRemoving(false)} />}
    </>
  );
}

function About({ source }: { source: Source }) {
  return (
    <Facts
      facts={[
        ["Collection", <Link to={`/console/collections/${source.collection}`}>{source.collection}</Link>],
        ["Place", `${source.config.kind}: ${placeOf(source.config)}`],
        ["Items", `${count(source.items ?? 0)}${source.failed_items ? `, ${count(source.failed_items)} of them failed` : ""}`],
        ["Synced", scheduleWords(source.schedule)],
        ["Next sync", when(source.next_sync_at)],
        ["Only", source.include.join(", ") || "everything"],
        ["But not", source.exclude.join(", ") || "–"],
      ]}
    />
  );
}

function Inside({ source }: { source: Source }) {
  const { name } = source;
  const [parameters, setParameters] = useSearchParams();
  const keyOf = ({ id }: { id: string }) => id;
  return (
    <Tabs.Root value={parameters.get("show") ?? "history"} onValueChange={(show) => setParameters({ show }, { replace: true })}>
      <Tabs.List className="tabs" aria-label="Inside the source">
        <Tabs.Trigger value="history">History</Tabs.Trigger>
        <Tabs.Trigger value="failed">Failed items</Tabs.Trigger>
        <Tabs.Trigger value="items">All items</Tabs.Trigger>
      </Tabs.List>
      <Tabs.Content value="history" tabIndex={-1}>
        <Listing query={queries.syncs(name)} label="History" empty="It was never synced. Plan shows what a sync would do; nothing is changed by it." columns={SYNCS} keyOf={keyOf} refreshMs={REFRESH_MS} />
      </Tabs.Content>
      <Tabs.Content value="failed" tabIndex={-1}>
        {source.failed_items ? <p className="muted">Each keeps its last good version. The next sync tries them again: “Sync now”.</p> : null}
        <Listing query={queries.sourceItems(name, "failed")} label="Failed items" empty="No item has failed." columns={FAILED} keyOf={keyOf} />
      </Tabs.Content>
      <Tabs.Content value="items" tabIndex={-1}>
        <Listing query={queries.sourceItems(name)} label="Items" empty="No item is known before the first sync." columns={ITEMS} keyOf={keyOf} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

/** Begins a plan or a sync, and shows it. */
function useStart(name: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (what: "plan" | "sync") => {
      const path = `/api/sources/${encodeURIComponent(name)}/${what}`;
      return what === "plan" ? getJson<Sync>(path, { method: "POST" }) : getJson<Sync>(path, { json: { allow_deletes: false } });
    },
    onSuccess: async (begun) => {
      await client.invalidateQueries({ queryKey: ["syncs", name] });
      await navigate(`/console/syncs/${begun.id}`);
    },
  });
}
