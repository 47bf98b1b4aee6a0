import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";

import { getJson, sentence } from "../../api/client";
import type { CreatedKey } from "../../api/types";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/states";

/** Makes a key and shows its secret, this once: it is kept nowhere, and not in this browser either. */
export function MakeKey({ onMade, onClose }: { onMade: () => Promise<void>; onClose: () => void }) {
  const make = useMutation({
    mutationFn: (name: string) => getJson<CreatedKey>("/api/keys", { json: { name } }),
    onSuccess: onMade,
    gcTime: 0,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    make.mutate(String(new FormData(event.currentTarget).get("name") ?? "").trim());
  };
  if (make.data) {
    const { key, details } = make.data;
    return (
      <Dialog title={`The key of ${details.name}`} onClose={onClose}>
        <p>Copy it now: it is shown this once.</p>
        <p className="secret">
          <code>{key}</code> <CopyButton label="Copy the key" text={() => key} />
        </p>
        <div className="dialog-actions">
          <button type="button" className="button primary" onClick={onClose}>
            Done
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Make a key" onClose={onClose}>
      <form className="schema-form" onSubmit={submit}>
        <label>
          Who or what will use it
          <input name="name" required maxLength={200} autoFocus autoComplete="off" />
        </label>
        <p className="muted">It may ask and search, and read and change collections, but sees only its own conversations and answers.</p>
        {make.isError && <Failure message={sentence(make.error)} />}
        <div className="dialog-actions">
          <button type="submit" className="button primary" disabled={make.isPending}>
            Make the key
          </button>
        </div>
      </form>
    </Dialog>
  );
}
