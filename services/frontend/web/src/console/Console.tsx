/** The engineer's side: loaded only when it is opened. */
import { NavLink, Navigate, Route, Routes } from "react-router";

import { CollectionPage } from "./CollectionPage";
import { CollectionsPage } from "./CollectionsPage";
import { DocumentPage } from "./DocumentPage";
import { JobPage } from "./JobPage";
import { JobsPage } from "./JobsPage";
import { ReceiptPage } from "./ReceiptPage";
import { SearchPage } from "./SearchPage";
import { SystemPage } from "./SystemPage";

const AREAS = [
  ["collections", "Collections"],
  ["jobs", "Jobs"],
  ["search", "Search"],
  ["system", "System"],
] as const;

export function Console() {
  return (
    <div className="console">
      <nav className="areas" aria-label="Console">
        {AREAS.map(([path, name]) => (
          <NavLink key={path} to={`/console/${path}`}>
            {name}
          </NavLink>
        ))}
      </nav>
      <main className="page">
        <Routes>
          <Route index element={<Navigate to="collections" replace />} />
          <Route path="collections" element={<CollectionsPage />} />
          <Route path="collections/:name" element={<CollectionPage />} />
          <Route path="documents/:id" element={<DocumentPage />} />
          <Route path="jobs" element={<JobsPage />} />
          <Route path="jobs/:id" element={<JobPage />} />
          <Route path="search" element={<SearchPage />} />
          <Route path="receipts/:id" element={<ReceiptPage />} />
          <Route path="system" element={<SystemPage />} />
        </Routes>
      </main>
    </div>
  );
}
