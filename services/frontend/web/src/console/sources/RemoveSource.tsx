import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { getJson } from "../../api/client";
import type { DeletedSource, Source } from "../../api/types";
import { ConfirmDialog } from "../../ui/Dialog";

/** Removes a source, and what it brought when that is wanted. */
export function RemoveSource({ source, onClose }: { source: Source; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [documents, setDocuments] = useState("keep");
  const remove = async () => {
    const path = `/api/sources/${encodeURIComponent(source.name)}?documents=${documents}`;
    const removed = await getJson<DeletedSource>(path, { method: "DELETE" });
    await client.invalidateQueries({ queryKey: ["sources"] });
    await navigate(removed.receipt_id ? `/console/receipts/${removed.receipt_id}` : "/console/sources");
  };
  return (
    <ConfirmDialog title={`Remove ${source.name}?`} action="Remove the source" onConfirm={remove} onClose={onClose}>
      It is not synced any more.{" "}
      <label>
        Its documents{" "}
        <select value={documents} onChange={(event) => setDocuments(event.target.value)}>
          <option value="keep">stay</option>
          <option value="delete">are deleted, with a receipt</option>
        </select>
      </label>
    </ConfirmDialog>
  );
}
