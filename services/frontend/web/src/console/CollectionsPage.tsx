import { useQuery } from "@tanstack/react-query";
import { FilePlus2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { sentence } from "../api/client";
import * as queries from "../api/queries";
import type { Collection } from "../api/types";
import { bytes, count, when } from "../ui/format";
import { Busy, Empty, Failure } from "../ui/states";
import { UploadDialog } from "../upload/UploadDialog";
import { Table, type Column } from "./Listing";

const COLUMNS: Column<Collection>[] = [
  { name: "Name", show: ({ name }) => <Link to={`/console/collections/${name}`}>{name}</Link> },
  { name: "Documents", show: ({ documents }) => count(documents), numeric: true },
  { name: "Failed", show: ({ failed_documents: failed }) => (failed ? <span className="error-text">{count(failed)}</span> : "0"), numeric: true },
  { name: "Chunks", show: ({ chunks }) => count(chunks), numeric: true },
  { name: "Size", show: (collection) => bytes(collection.bytes), numeric: true },
  { name: "Embedded with", show: ({ embedding_model: model }) => model },
  { name: "Made", show: ({ created_at: time }) => when(time) },
];

export function CollectionsPage() {
  const found = useQuery(queries.collections());
  const navigate = useNavigate();
  const [uploading, setUploading] = useState(false);
  return (
    <>
      <header className="page-head">
        <h1>Collections</h1>
        <button type="button" className="button primary" onClick={() => setUploading(true)}>
          <FilePlus2 aria-hidden /> Add files
        </button>
      </header>
      {found.isPending && <Busy what="Loading collections" />}
      {found.isError && <Failure message={sentence(found.error)} />}
      {found.data?.length === 0 && <Empty title="There is no collection yet. Add files to make one." />}
      {found.data && found.data.length > 0 && <Table label="Collections" columns={COLUMNS} rows={found.data} keyOf={({ id }) => id} />}
      {uploading && (
        <UploadDialog
          collections={found.data?.map(({ name }) => name) ?? null}
          suggested={null}
          onClose={() => setUploading(false)}
          onAsk={() => void navigate("/chat")}
        />
      )}
    </>
  );
}
