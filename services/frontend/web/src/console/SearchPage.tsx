import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useSearchParams } from "react-router";

import { getJson, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { SearchResponse } from "../api/types";
import { Busy, Empty, Failure } from "../ui/states";
import { ExplainView } from "./ExplainView";
import { PassageList } from "./PassageList";

export interface Searching {
  collection: string;
  query: string;
  limit: number;
  fusion: string;
}

const FUSIONS = ["weighted", "rrf", "dense", "sparse"];

/** The search without an answer: what is found, with which scores, and why a document is or is not. */
export function SearchPage() {
  const [parameters, setParameters] = useSearchParams();
  const collections = useQuery(queries.collections());
  const [asked, setAsked] = useState<Searching | null>(null);
  const [explained, setExplained] = useState<string | null>(null);
  const search = useMutation({
    mutationFn: (wanted: Searching) => getJson<SearchResponse>("/api/search", { json: wanted }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    const wanted = { collection: text("collection"), query: text("query"), limit: Number(text("limit")), fusion: text("fusion") };
    setParameters({ collection: wanted.collection }, { replace: true });
    setExplained(null);
    setAsked(wanted);
    search.mutate(wanted);
  };
  return (
    <>
      <header className="page-head">
        <h1>Search</h1>
      </header>
      <form className="search-form" onSubmit={submit}>
        <label className="grow">
          Question
          <input name="query" required />
        </label>
        <label>
          Collection
          <select name="collection" key={collections.data?.length} defaultValue={parameters.get("collection") ?? undefined}>
            {collections.data?.map(({ id, name }) => <option key={id}>{name}</option>)}
          </select>
        </label>
        <label>
          Fusion
          <select name="fusion">
            {FUSIONS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Passages
          <input name="limit" type="number" min={1} max={100} defaultValue={5} />
        </label>
        <button type="submit" className="button primary" disabled={search.isPending}>
          Search
        </button>
      </form>
      {search.isPending && <Busy what="Searching" />}
      {search.isError && <Failure message={sentence(search.error)} />}
      {search.data && asked && (
        <>
          <p className="muted">
            {search.data.passages.length} {search.data.passages.length === 1 ? "passage" : "passages"} in {search.data.timings.total_ms.toFixed(0)} ms (question embedded in{" "}
            {search.data.timings.embed_ms.toFixed(0)} ms, searched in {search.data.timings.query_ms.toFixed(0)} ms)
          </p>
          {search.data.passages.length === 0 && <Empty title="Nothing was found." />}
          <PassageList passages={search.data.passages} onExplain={setExplained} />
          <WhyNot onExplain={setExplained} />
          {explained && <ExplainView key={`${asked.query} ${explained}`} searching={asked} document={explained} />}
        </>
      )}
    </>
  );
}

function WhyNot({ onExplain }: { onExplain: (document: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onExplain(String(new FormData(event.currentTarget).get("document") ?? "").trim());
  };
  return (
    <form className="search-form" onSubmit={submit}>
      <label className="grow">
        Why is this document not found?
        <input name="document" required placeholder="Its source or id, as the collection lists it" />
      </label>
      <button type="submit" className="button">
        Explain
      </button>
    </form>
  );
}
