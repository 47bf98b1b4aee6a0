import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";

import { send, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Key } from "../../api/types";
import { ConfirmDialog } from "../../ui/Dialog";
import { when } from "../../ui/format";
import { Busy, Empty, Failure } from "../../ui/states";
import { Table, type Column } from "../Listing";
import { Status } from "../Status";
import { MakeKey } from "./MakeKey";

const SHOWN_AT_ONCE = 200;

/** The API keys; the operator's own is replaced on the platform's machine, not here. */
export function KeysPage() {
  const client = useQueryClient();
  const keys = useQuery(queries.keys());
  const session = useQuery(queries.session());
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const reload = () => client.invalidateQueries({ queryKey: queries.keys().queryKey });
  const revoke = async () => {
    await send(`/api/keys/${encodeURIComponent(revoking?.id ?? "")}`, { method: "DELETE" });
    await reload();
    setRevoking(null);
  };
  return (
    <>
      <header className="page-head">
        <h1>Keys</h1>
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          <KeyRound aria-hidden /> Make a key
        </button>
      </header>
      {keys.isPending && <Busy what="Loading the keys" />}
      {keys.isError && <Failure message={sentence(keys.error)} />}
      {keys.data?.length === 1 && <Empty title="There is no key but yours. Make one for each person or program that asks." />}
      {keys.data && keys.data.length > 0 && <Table label="Keys" columns={columns(session.data?.principal ?? "", setRevoking)} rows={keys.data.slice(0, shown)} keyOf={({ id }) => id} />}
      {keys.data && keys.data.length > shown && (
        <button type="button" className="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
          Show more
        </button>
      )}
      {making && <MakeKey onMade={reload} onClose={() => setMaking(false)} />}
      {revoking && (
        <ConfirmDialog title={`Revoke ${revoking.name}?`} action="Revoke the key" onConfirm={revoke} onClose={() => setRevoking(null)}>
          Requests with it are refused from now on, and browsers that signed in with it are signed out. This cannot be undone.
        </ConfirmDialog>
      )}
    </>
  );
}

function columns(own: string, onRevoke: (key: Key) => void): Column<Key>[] {
  return [
    { name: "Name", show: ({ name }) => name, wide: true },
    { name: "State", show: ({ revoked_at: time }) => <Status of={time ? "cancelled" : "ready"} word={time ? "revoked" : "in use"} /> },
    { name: "Principal", show: ({ principal }) => <code>{principal}</code> },
    { name: "Made", show: ({ created_at: time }) => when(time) },
    {
      name: "Revoked",
      show: (key) =>
        key.revoked_at ? (
          when(key.revoked_at)
        ) : key.principal === own ? (
          "yours"
        ) : (
          <button type="button" className="button danger" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
            Revoke
          </button>
        ),
    },
  ];
}
