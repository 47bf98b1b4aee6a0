import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";

import { getJson, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { Conversation, ConversationInFull } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/states";

const MOST_CHARACTERS = 200;

export function RenameDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const client = useQueryClient();
  const rename = useMutation({
    mutationFn: (title: string) =>
      getJson<ConversationInFull>(`/api/conversations/${encodeURIComponent(conversation.id)}`, { method: "PATCH", json: { title } }),
    onSuccess: async (renamed) => {
      client.setQueryData(queries.conversation(renamed.id).queryKey, renamed);
      await client.invalidateQueries({ queryKey: ["conversations"] });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    rename.mutate(String(new FormData(event.currentTarget).get("title") ?? ""));
  };
  return (
    <Dialog title="Rename this conversation" onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          Its name
          <input name="title" required maxLength={MOST_CHARACTERS} defaultValue={conversation.title} autoFocus dir="auto" autoComplete="off" />
        </label>
        {rename.isError && <Failure message={sentence(rename.error)} />}
        <div className="dialog-actions">
          <button type="submit" className="button primary" disabled={rename.isPending}>
            Rename
          </button>
        </div>
      </form>
    </Dialog>
  );
}
