import * as Menu from "@radix-ui/react-dropdown-menu";
import { useQueryClient } from "@tanstack/react-query";
import { Download, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { download, send, sentence } from "../api/client";
import type { Conversation } from "../api/types";
import { ConfirmDialog } from "../ui/Dialog";
import { RenameDialog } from "./RenameDialog";

interface HistoryItemProps {
  conversation: Conversation;
  current: boolean;
  onOpen: () => void;
}

export function HistoryItem({ conversation, current, onOpen }: HistoryItemProps) {
  const { id, title } = conversation;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const path = `/api/conversations/${encodeURIComponent(id)}`;

  const save = (form: "markdown" | "json", ending: string) => {
    download(`${path}/export?form=${form}`, `${id}.${ending}`).catch((error: unknown) => setFailure(sentence(error)));
  };
  const remove = async () => {
    await send(path, { method: "DELETE" });
    await client.invalidateQueries({ queryKey: ["conversations"] });
    setDeleting(false);
    if (current) await navigate("/chat");
  };
  return (
    <li className="history-item">
      <Link to={`/chat/${id}`} aria-current={current ? "page" : undefined} title={title} onClick={onOpen} dir="auto">
        {title || "(no words)"}
      </Link>
      <Menu.Root modal={false}>
        <Menu.Trigger className="icon-button" aria-label={`More about: ${title}`}>
          <Ellipsis aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Content className="menu" align="end">
            <Menu.Item className="menu-item" onSelect={() => setRenaming(true)}>
              <Pencil aria-hidden /> Rename
            </Menu.Item>
            <Menu.Item className="menu-item" onSelect={() => save("markdown", "md")}>
              <Download aria-hidden /> Export as Markdown
            </Menu.Item>
            <Menu.Item className="menu-item" onSelect={() => save("json", "json")}>
              <Download aria-hidden /> Export as JSON
            </Menu.Item>
            <Menu.Separator className="menu-line" />
            <Menu.Item className="menu-item bad" onSelect={() => setDeleting(true)}>
              <Trash2 aria-hidden /> Delete
            </Menu.Item>
          </Menu.Content>
        </Menu.Portal>
      </Menu.Root>
      {failure && <p className="error-text">{failure}</p>}
      {renaming && <RenameDialog conversation={conversation} onClose={() => setRenaming(false)} />}
      {deleting && (
        <ConfirmDialog title="Delete this conversation?" action="Delete" onConfirm={remove} onClose={() => setDeleting(false)}>
          “{title}” with all its answers is forgotten on the server. This cannot be undone.
        </ConfirmDialog>
      )}
    </li>
  );
}
