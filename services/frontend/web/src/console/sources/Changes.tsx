import { useState } from "react";

import * as queries from "../../api/queries";
import type { Sync, SyncChange } from "../../api/types";
import { bytes } from "../../ui/format";
import { Listing, type Column } from "../Listing";

const KINDS = ["add", "update", "rename", "delete", "unchanged"];

const COLUMNS: Column<SyncChange>[] = [
  { name: "Item", show: ({ key }) => key, wide: true },
  { name: "Change", show: ({ change, former_key: former }) => (former ? `${change}, was ${former}` : change), wide: true },
  { name: "Size", show: (item) => (item.bytes === null ? "–" : bytes(item.bytes)), numeric: true },
  { name: "Reason", show: ({ reason }) => reason?.message ?? "–", wide: true },
];

/** What a sync does about each item; kept until the source's next one. */
export function Changes({ sync }: { sync: Sync }) {
  const [change, setChange] = useState("");
  return (
    <section aria-label="Item by item">
      <header className="page-head">
        <h2>Item by item</h2>
        <label>
          Change{" "}
          <select value={change} onChange={(event) => setChange(event.target.value)}>
            <option value="">any</option>
            {KINDS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </header>
      <Listing
        query={queries.syncChanges(sync.id, change || undefined)}
        label="Changes"
        empty={change ? "There is no such change." : "Nothing is listed here: there was no item, or a newer sync or plan took its place."}
        columns={COLUMNS}
        keyOf={({ id }) => id}
      />
    </section>
  );
}
