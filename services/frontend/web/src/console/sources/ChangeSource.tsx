import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";

import { getJson, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Source } from "../../api/types";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/states";
import { Habits } from "./Habits";
import { habitsOf } from "./places";

/** Changes what the next sync goes by; the place itself stays. */
export function ChangeSource({ source, onClose }: { source: Source; onClose: () => void }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (form: FormData) => getJson<Source>(`/api/sources/${encodeURIComponent(source.name)}`, { method: "PATCH", json: habitsOf(form) }),
    onSuccess: async (changed) => {
      client.setQueryData(queries.source(source.name).queryKey, changed);
      await client.invalidateQueries({ queryKey: ["sources"] });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog title={`Change ${source.name}`} onClose={onClose}>
      <form className="schema-form" onSubmit={submit}>
        <Habits of={source} />
        <p className="muted">The next sync deletes the documents of items that do not belong to it any more; its plan says which.</p>
        {change.isError && <Failure message={sentence(change.error)} />}
        <div className="dialog-actions">
          <button type="submit" className="button primary" disabled={change.isPending}>
            Change
          </button>
        </div>
      </form>
    </Dialog>
  );
}
