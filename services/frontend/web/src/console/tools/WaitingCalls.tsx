import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";

import { send, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Approval } from "../../api/types";
import { when } from "../../ui/format";
import { Busy, Empty, Failure } from "../../ui/states";
import { Table, type Column } from "../Listing";
import { Status } from "../Status";

const REFRESH_MS = 5_000;

interface WaitingCallsProps {
  /** Only calls of this tool. */
  tool?: string;
  onApproved?: (id: string) => void;
}

/** Calls that change something: each is made once, after an operator has looked at it. */
export function WaitingCalls({ tool, onApproved }: WaitingCallsProps) {
  const client = useQueryClient();
  const waiting = useQuery({ ...queries.approvals(), refetchInterval: REFRESH_MS });
  const approve = useMutation({
    mutationFn: (id: string) => send(`/api/tool-approvals/${encodeURIComponent(id)}`, { method: "POST" }),
    onSuccess: async (_, id) => {
      await client.invalidateQueries({ queryKey: queries.approvals().queryKey });
      onApproved?.(id);
    },
  });
  if (waiting.isPending) return <Busy what="Loading the calls that wait" />;
  if (waiting.isError) return <Failure message={sentence(waiting.error)} />;
  const found = waiting.data.filter((each) => tool === undefined || each.tool === tool);
  if (!found.length) return <Empty title="No call waits for approval." />;
  const columns: Column<Approval>[] = [
    { name: "Tool", show: (each) => each.tool },
    { name: "Effect", show: ({ effect }) => <Status of={effect} /> },
    { name: "Arguments", show: (each) => <code className="arguments">{JSON.stringify(each.arguments)}</code>, wide: true },
    { name: "Asked by", show: ({ principal }) => principal },
    { name: "Until", show: ({ expires_at: time }) => when(time) },
    {
      name: "Approval",
      show: ({ id, approved }) =>
        approved ? (
          <Status of="completed" word="approved" />
        ) : (
          <button type="button" className="button" disabled={approve.isPending} aria-label={`Approve ${id}`} onClick={() => approve.mutate(id)}>
            <Check aria-hidden /> Approve
          </button>
        ),
    },
  ];
  return (
    <>
      {approve.isError && <Failure message={sentence(approve.error)} />}
      <Table label="Calls that wait" columns={columns} rows={found} keyOf={({ id }) => id} />
    </>
  );
}
