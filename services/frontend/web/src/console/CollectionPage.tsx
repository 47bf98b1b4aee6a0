import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FilePlus2, Search, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { getJson, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { CollectionStatistics, DeletedWithReceipt, PlatformDocument } from "../api/types";
import { ConfirmDialog } from "../ui/Dialog";
import { bytes, count, when } from "../ui/format";
import { Failure } from "../ui/states";
import { UploadDialog } from "../upload/UploadDialog";
import { Facts, Listing, type Column } from "./Listing";

const COLUMNS: Column<PlatformDocument>[] = [
  { name: "Document", show: ({ id, source }) => <Link to={`/console/documents/${id}`}>{source}</Link>, wide: true },
  { name: "Type", show: ({ media_type: type }) => type },
  { name: "Language", show: ({ language }) => language ?? "–" },
  { name: "Chunks", show: ({ chunks, copy_of: copy }) => (copy ? "copy" : count(chunks)), numeric: true },
  { name: "Size", show: (document) => bytes(document.bytes), numeric: true },
  { name: "Ingested", show: ({ ingested_at: time }) => when(time) },
];

export function CollectionPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const client = useQueryClient();
  const statistics = useQuery(queries.statistics(name));
  const [uploading, setUploading] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const remove = async () => {
    const path = `/api/collections/${encodeURIComponent(name)}`;
    const deleted = await getJson<DeletedWithReceipt>(path, { method: "DELETE" });
    await client.invalidateQueries({ queryKey: ["collections"] });
    await navigate(`/console/receipts/${deleted.receipt_id}`);
  };
  return (
    <>
      <header className="page-head">
        <h1>{name}</h1>
        <Link className="button" to={`/console/search?collection=${encodeURIComponent(name)}`}>
          <Search aria-hidden /> Search
        </Link>
        <button type="button" className="button" onClick={() => setUploading(true)}>
          <FilePlus2 aria-hidden /> Add files
        </button>
        <button type="button" className="button danger" onClick={() => setDeleting(true)}>
          <Trash2 aria-hidden /> Delete
        </button>
      </header>
      {statistics.isError && <Failure message={sentence(statistics.error)} />}
      {statistics.data && <Statistics of={statistics.data} />}
      <h2>Documents</h2>
      <Listing query={queries.documents(name)} label="Documents" empty="No document is searchable here yet." columns={COLUMNS} keyOf={({ id }) => id} />
      {uploading && <UploadDialog collections={[name]} suggested={name} onClose={() => setUploading(false)} onAsk={() => void navigate("/chat")} />}
      {deleting && (
        <ConfirmDialog title={`Delete ${name}?`} action="Delete the collection" onConfirm={remove} onClose={() => setDeleting(false)}>
          All its documents, versions and sources go, with their vectors and originals. A signed receipt tells what was removed.
        </ConfirmDialog>
      )}
    </>
  );
}

function Statistics({ of }: { of: CollectionStatistics }) {
  const counted = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, value]) => `${name} ${count(value)}`)
      .join(", ") || "–";
  return (
    <Facts
      facts={[
        ["Documents", `${count(of.documents)}${of.copies ? `, ${count(of.copies)} of them copies` : ""}`],
        ["Chunks", count(of.chunks)],
        ["Size", bytes(of.bytes)],
        ["Waiting", count(of.pending)],
        ["Languages", counted(of.languages)],
        ["Formats", counted(of.media_types)],
        ["Failed, by reason", counted(of.failures)],
        ["Newest", when(of.newest)],
      ]}
    />
  );
}
