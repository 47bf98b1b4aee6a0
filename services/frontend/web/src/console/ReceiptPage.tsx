import { useMutation, useQuery } from "@tanstack/react-query";
import { Download, ShieldCheck } from "lucide-react";
import { useParams } from "react-router";

import { download, getJson, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { Receipt, Verification } from "../api/types";
import { count, when } from "../ui/format";
import { Busy, Failure } from "../ui/states";
import { Facts, Table, type Column } from "./Listing";

type Erased = Receipt["documents"][number];

const DOCUMENTS: Column<Erased>[] = [
  { name: "Document", show: ({ source }) => source, wide: true },
  { name: "Chunks", show: ({ chunks }) => count(chunks), numeric: true },
  { name: "SHA-256", show: ({ sha256 }) => <code>{sha256?.slice(0, 16) ?? "–"}</code> },
];

/** What a deletion removed, signed. */
export function ReceiptPage() {
  const { id = "" } = useParams();
  const found = useQuery({ ...queries.receipt(id), refetchInterval: ({ state }) => (state.data?.issued_at ? false : 1000) });
  const path = `/api/receipts/${encodeURIComponent(id)}`;
  const check = useMutation({ mutationFn: () => getJson<Verification>(`${path}/verify`, { method: "POST" }) });
  if (found.isPending) return <Busy what="Loading the receipt" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const receipt = found.data;
  return (
    <>
      <header className="page-head">
        <h1>Deletion receipt</h1>
        <button type="button" className="button" onClick={() => void download(path, `${id}.json`)}>
          <Download aria-hidden /> Save
        </button>
        <button type="button" className="button" disabled={!receipt.issued_at || check.isPending} onClick={() => check.mutate()}>
          <ShieldCheck aria-hidden /> Verify
        </button>
      </header>
      {!receipt.issued_at && <Busy what="Removing; the receipt is issued when nothing is left" />}
      {check.data && <Verdict of={check.data} />}
      {check.isError && <Failure message={sentence(check.error)} />}
      <Facts
        facts={[
          ["Id", receipt.id],
          ["Deleted", receipt.subject],
          ["Collection", receipt.collection || "–"],
          ["Asked for", when(receipt.requested_at)],
          ["Issued", when(receipt.issued_at)],
          ["Vectors removed", count(receipt.vectors ?? 0)],
          ["Originals", (receipt.files ?? []).map((file) => file.outcome).join(", ") || "–"],
        ]}
      />
      <Table label="Documents that were deleted" columns={DOCUMENTS} rows={receipt.documents} keyOf={(each) => each.document_id + each.index} />
    </>
  );
}

function Verdict({ of }: { of: Verification }) {
  if (!of.signature_valid) return <Failure message="The signature is not this platform's: the receipt was changed." />;
  if (of.remains.length) return <Failure message={`Something is still there: ${of.remains.join(" ")}`} />;
  return (
    <p className="notice good" role="status">
      <ShieldCheck aria-hidden /> The signature is this platform&apos;s, and ledger, indexes and files have nothing of it.
    </p>
  );
}
