/** The engineer's side: loaded only when it is opened. */
import { useEffect, useRef } from "react";
import { NavLink, Navigate, Route, Routes, useLocation } from "react-router";

import { AnswerPage } from "./answers/AnswerPage";
import { AnswersPage } from "./answers/AnswersPage";
import { CollectionPage } from "./CollectionPage";
import { CollectionsPage } from "./CollectionsPage";
import { DocumentPage } from "./DocumentPage";
import { JobPage } from "./JobPage";
import { JobsPage } from "./JobsPage";
import { KeysPage } from "./operator/KeysPage";
import { ModelsPage } from "./operator/ModelsPage";
import { RequestPage } from "./operator/RequestPage";
import { RequestsPage } from "./operator/RequestsPage";
import { OperatorOnly, useOperator } from "./OperatorOnly";
import { ReceiptPage } from "./ReceiptPage";
import { SearchPage } from "./SearchPage";
import { SourcePage } from "./sources/SourcePage";
import { SourcesPage } from "./sources/SourcesPage";
import { SyncPage } from "./sources/SyncPage";
import { SystemPage } from "./SystemPage";
import { ToolPage } from "./tools/ToolPage";
import { ToolsPage } from "./tools/ToolsPage";

const AREAS = [
  ["collections", "Collections"],
  ["sources", "Sources"],
  ["jobs", "Jobs"],
  ["search", "Search"],
  ["answers", "Answers"],
  ["tools", "Tools"],
  ["system", "System"],
] as const;
const OPERATORS_AREAS = [
  ["models", "Models"],
  ["requests", "Requests"],
  ["keys", "Keys"],
] as const;

export function Console() {
  return (
    <div className="console">
      <Areas />
      <main className="page">
        <Routes>
          <Route index element={<Navigate to="collections" replace />} />
          <Route path="collections" element={<CollectionsPage />} />
          <Route path="collections/:name" element={<CollectionPage />} />
          <Route path="documents/:id" element={<DocumentPage />} />
          <Route path="sources" element={<SourcesPage />} />
          <Route path="sources/:name" element={<SourcePage />} />
          <Route path="syncs/:id" element={<SyncPage />} />
          <Route path="jobs" element={<JobsPage />} />
          <Route path="jobs/:id" element={<JobPage />} />
          <Route path="search" element={<SearchPage />} />
          <Route path="answers" element={<AnswersPage />} />
          <Route path="answers/:id" element={<AnswerPage />} />
          <Route path="tools" element={<ToolsPage />} />
          <Route path="tools/:name" element={<ToolPage />} />
          <Route path="receipts/:id" element={<ReceiptPage />} />
          <Route path="system" element={<SystemPage />} />
          <Route path="models" element={<OperatorOnly children={<ModelsPage />} />} />
          <Route path="requests" element={<OperatorOnly children={<RequestsPage />} />} />
          <Route path="requests/:id" element={<OperatorOnly children={<RequestPage />} />} />
          <Route path="keys" element={<OperatorOnly children={<KeysPage />} />} />
        </Routes>
      </main>
    </div>
  );
}

function Areas() {
  const shown = useOperator() ? [...AREAS, ...OPERATORS_AREAS] : AREAS;
  const { pathname } = useLocation();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the areas are a row that is wider than the page.
    box.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname, shown.length]);
  return (
    <nav ref={box} className="areas" aria-label="Console">
      {shown.map(([path, name]) => (
        <NavLink key={path} to={`/console/${path}`}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
