import { FolderSync } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import * as queries from "../../api/queries";
import type { Source } from "../../api/types";
import { count, when } from "../../ui/format";
import { Listing, type Column } from "../Listing";
import { AddSource } from "./AddSource";
import { placeOf, scheduleWords } from "./places";

const REFRESH_MS = 15_000;

const COLUMNS: Column<Source>[] = [
  { name: "Source", show: ({ name }) => <Link to={`/console/sources/${name}`}>{name}</Link> },
  { name: "Collection", show: ({ collection }) => <Link to={`/console/collections/${collection}`}>{collection}</Link> },
  { name: "Place", show: ({ config }) => `${config.kind}: ${placeOf(config)}`, wide: true },
  { name: "Items", show: ({ items = 0 }) => count(items), numeric: true },
  { name: "Failed", show: ({ name, failed_items: failed = 0 }) => (failed ? <Link to={`/console/sources/${name}?show=failed`}>{count(failed)}</Link> : "0"), numeric: true },
  { name: "Synced", show: ({ schedule }) => scheduleWords(schedule) },
  { name: "Next", show: ({ next_sync_at: time }) => when(time) },
  { name: "Last sync", show: ({ last_sync: id }) => (id ? <Link to={`/console/syncs/${id}`}>{id.slice(0, 12)}…</Link> : "never") },
];

/** The places that collections are kept in step with. */
export function SourcesPage() {
  const [adding, setAdding] = useState(false);
  return (
    <>
      <header className="page-head">
        <h1>Sources</h1>
        <button type="button" className="button primary" onClick={() => setAdding(true)}>
          <FolderSync aria-hidden /> Add a source
        </button>
      </header>
      <Listing
        query={queries.sources()}
        label="Sources"
        empty="There is no source yet. Add a folder, web site, repository or bucket, and its documents are kept in step."
        columns={COLUMNS}
        keyOf={({ id }) => id}
        refreshMs={REFRESH_MS}
      />
      {adding && <AddSource onClose={() => setAdding(false)} />}
    </>
  );
}
