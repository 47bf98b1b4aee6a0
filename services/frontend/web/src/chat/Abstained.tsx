import { SearchX } from "lucide-react";
import { Link } from "react-router";

import type { Searched } from "../api/types";

/** No answer was found: where it was looked for, and what can be done. */
export function Abstained({ searched }: { searched: Searched }) {
  return (
    <aside className="notice" aria-label="What was searched">
      <SearchX aria-hidden />
      <div>
        <strong>No answer was found.</strong> Searched <em>{searched.collection}</em>
        {searched.queries && searched.queries.length > 1 && <> for {searched.queries.map((query) => `“${query}”`).join(", ")}</>}, read {searched.passages}{" "}
        {searched.passages === 1 ? "passage" : "passages"}
        {searched.titles.length > 0 && <>, the nearest from {searched.titles.join(", ")}</>}. Ask in other words, choose another
        collection, or <Link to={`/console/search?collection=${encodeURIComponent(searched.collection)}`}>look at the search</Link>.
      </div>
    </aside>
  );
}
