import { useInfiniteQuery } from "@tanstack/react-query";
import { Menu as MenuIcon, Plus, X } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { sentence } from "../api/client";
import * as queries from "../api/queries";
import { Failure } from "../ui/states";
import { HistoryItem } from "./HistoryItem";

/** The conversations that the server remembers, newest first. On a phone it opens over the page. */
export function History({ current, onLeave }: { current: string | null; onLeave: () => void }) {
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState("");
  const listed = useInfiniteQuery(queries.conversations());
  const leave = () => {
    setOpen(false);
    onLeave();
  };
  const all = listed.data?.pages.flatMap((page) => page.data) ?? [];
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  return (
    <>
      <button type="button" className="icon-button history-opener" aria-label="Conversations" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? <X aria-hidden /> : <MenuIcon aria-hidden />}
      </button>
      <nav className={open ? "history open" : "history"} aria-label="Conversations">
        <Link className="button" to="/chat" onClick={leave}>
          <Plus aria-hidden /> New conversation
        </Link>
        <input type="search" aria-label="Search the conversations" placeholder="Search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        {listed.isError && <Failure message={sentence(listed.error)} />}
        <ul>
          {found.map((conversation) => (
            <HistoryItem key={conversation.id} conversation={conversation} current={conversation.id === current} onOpen={leave} />
          ))}
        </ul>
        {words.length > 0 && !found.length && !listed.hasNextPage && <p className="muted">No conversation has these words in its title.</p>}
        {listed.hasNextPage && (
          <button type="button" className="button quiet" disabled={listed.isFetchingNextPage} onClick={() => void listed.fetchNextPage()}>
            {words.length ? "Search older ones" : "Show older ones"}
          </button>
        )}
      </nav>
    </>
  );
}
