import { Link, useRouteError } from "react-router";

import { sentence } from "../api/client";
import { Empty, Failure } from "../ui/states";

/** What is shown when a page itself fails. */
export function Broken() {
  const error = useRouteError();
  return (
    <main className="page">
      <Failure message={`This page failed: ${sentence(error)}`}>
        <button type="button" className="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </Failure>
    </main>
  );
}

export function NotFound() {
  return (
    <main className="page">
      <Empty title="There is no such page.">
        <Link to="/chat">Go to the chat</Link>
      </Empty>
    </main>
  );
}
