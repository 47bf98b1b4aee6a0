import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { getJson, sentence } from "../api/client";
import type { Explanation } from "../api/types";
import { score } from "../ui/format";
import { Busy, Failure } from "../ui/states";
import { Table, type Column } from "./Listing";
import type { Searching } from "./SearchPage";

type Stage = Explanation["stages"][number];

const COLUMNS: Column<Stage>[] = [
  { name: "Stage", show: ({ name }) => name },
  { name: "Outcome", show: ({ outcome }) => <span className={`status ${outcome}`}>{outcome.replace("_", " ")}</span> },
  { name: "Place", show: ({ rank, kept }) => (rank == null ? "–" : kept == null ? rank : `${rank} of ${kept} kept`), numeric: true },
  { name: "Score", show: (stage) => score(stage.score), numeric: true },
  { name: "Needed", show: ({ needed }) => score(needed), numeric: true },
  { name: "Note", show: ({ note }) => note, wide: true },
];

/** Where a document was kept by a search, and where it fell out. */
export function ExplainView({ searching, document }: { searching: Searching; document: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const explanation = useQuery({
    queryKey: ["explain", searching, document],
    queryFn: () => getJson<Explanation>("/api/explain", { json: { ...searching, document } }),
  });
  useEffect(() => {
    void heading.current?.scrollIntoView({ behavior: "smooth", block: "start" });
  }, []);
  return (
    <section aria-label="Explanation">
      <h2 ref={heading}>{explanation.data?.shown === false ? "Why not" : "Why"}</h2>
      {explanation.isPending && <Busy what="Following the document through the search" />}
      {explanation.isError && <Failure message={sentence(explanation.error)} />}
      {explanation.data && (
        <>
          <p>
            <strong>{explanation.data.verdict}</strong> {explanation.data.advice}
          </p>
          <Table label="Stages" columns={COLUMNS} rows={explanation.data.stages} keyOf={({ name }) => name} />
        </>
      )}
    </section>
  );
}
