import * as Tabs from "@radix-ui/react-tabs";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { getJson, send, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { DeletedWithReceipt, DocumentChunk, PlatformDocument } from "../api/types";
import { ConfirmDialog } from "../ui/Dialog";
import { bytes, count, when } from "../ui/format";
import { Busy, Failure } from "../ui/states";
import { Facts, Listing, type Column } from "./Listing";

const CHUNKS: Column<DocumentChunk>[] = [
  { name: "No.", show: ({ index }) => index, numeric: true },
  { name: "Page", show: ({ page }) => page ?? "–", numeric: true },
  { name: "Place", show: ({ char_start: start, char_end: end }) => `${count(start)}–${count(end)}` },
  {
    name: "Text",
    show: ({ headings, text }) => (
      <>
        {headings.length > 0 && <p className="muted">{headings.join(" › ")}</p>}
        <p className="document-text">{text}</p>
      </>
    ),
    wide: true,
  },
];

export function DocumentPage() {
  const { id = "" } = useParams();
  const navigate = useNavigate();
  const client = useQueryClient();
  const found = useQuery(queries.platformDocument(id));
  const [deleting, setDeleting] = useState(false);
  if (found.isPending) return <Busy what="Loading the document" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const remove = async () => {
    const deleted = await getJson<DeletedWithReceipt>(`/api/documents/${encodeURIComponent(id)}`, { method: "DELETE" });
    client.removeQueries({ queryKey: ["text", id] });
    await client.invalidateQueries({ queryKey: ["documents"] });
    await navigate(`/console/receipts/${deleted.receipt_id}`);
  };
  return (
    <>
      <header className="page-head">
        <h1 dir="auto">{found.data.title || found.data.source}</h1>
        <button type="button" className="button danger" onClick={() => setDeleting(true)}>
          <Trash2 aria-hidden /> Delete
        </button>
      </header>
      <About document={found.data} />
      <Tabs.Root defaultValue="text">
        <Tabs.List className="tabs" aria-label="Inside the document">
          <Tabs.Trigger value="text">Text</Tabs.Trigger>
          <Tabs.Trigger value="chunks">Chunks</Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="text" tabIndex={-1}>
          <DocumentText id={id} />
        </Tabs.Content>
        <Tabs.Content value="chunks" tabIndex={-1}>
          <Listing query={queries.chunks(id)} label="Chunks" empty="It has no chunks of its own." columns={CHUNKS} keyOf={(chunk) => chunk.id} />
        </Tabs.Content>
      </Tabs.Root>
      {deleting && (
        <ConfirmDialog title="Delete this document?" action="Delete the document" onConfirm={remove} onClose={() => setDeleting(false)}>
          Its chunks, vectors and original are removed. A signed receipt tells what was removed.
        </ConfirmDialog>
      )}
    </>
  );
}

function About({ document }: { document: PlatformDocument }) {
  const { collection, source, warnings, attributes } = document;
  const named = Object.entries(attributes ?? {});
  return (
    <>
      <Facts
        facts={[
          ["Collection", <Link to={`/console/collections/${collection}`}>{collection}</Link>],
          ["Source", source],
          ["Type", document.media_type],
          ["Size", `${bytes(document.bytes)}, ${count(document.chunks)} chunks`],
          ["Ingested", when(document.ingested_at)],
          ...(named.length ? ([["Attributes", named.map(([key, value]) => `${key}: ${String(value)}`).join(", ")]] as [string, string][]) : []),
          ...(document.copy_of ? ([["Copy of", <Link to={`/console/documents/${document.copy_of}`}>{document.copy_of}</Link>]] as [string, ReactNode][]) : []),
        ]}
      />
      {warnings && warnings.length > 0 && <Failure message={`Not everything could be read: ${warnings.join(" ")}`} />}
    </>
  );
}

const SHOWN_AT_ONCE = 50_000;

function DocumentText({ id }: { id: string }) {
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const text = useQuery({
    queryKey: ["text", id],
    queryFn: async ({ signal }) => (await send(`/api/documents/${encodeURIComponent(id)}/text`, { signal })).text(),
  });
  if (text.isPending) return <Busy what="Loading the text" />;
  if (text.isError) return <Failure message={sentence(text.error)} />;
  return (
    <>
      <div className="document-text sheet" dir="auto">
        {text.data.slice(0, shown)}
      </div>
      {shown < text.data.length && (
        <button type="button" className="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
          Show more
        </button>
      )}
    </>
  );
}
