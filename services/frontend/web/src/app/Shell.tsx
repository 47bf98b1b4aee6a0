import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, NavLink, Outlet, useLocation, useNavigate } from "react-router";

import { ApiError, sentence, whenSignedOut } from "../api/client";
import * as queries from "../api/queries";
import { Busy, Failure } from "../ui/states";
import { AccountMenu } from "./AccountMenu";

/** The frame of every page: who is signed in, and where one can go. */
export function Shell() {
  const location = useLocation();
  const signInPath = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  const session = useQuery(queries.session());
  useSignedOut(signInPath);
  if (session.isPending) return <Busy what="Loading" />;
  if (session.isError && session.error instanceof ApiError && session.error.status === 401) {
    return <Navigate to={signInPath} replace />;
  }
  if (session.isError) {
    return (
      <main className="page">
        <Failure message={sentence(session.error)}>
          <button type="button" className="button" onClick={() => void session.refetch()}>
            Try again
          </button>
        </Failure>
      </main>
    );
  }
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <NavLink to="/chat" className="brand" aria-label="Ragworks, to the chat">
          <img src={new URL("../icon.svg", import.meta.url).href} alt="" width={24} height={24} /> Ragworks
        </NavLink>
        <nav aria-label="Main">
          <NavLink to="/chat">Chat</NavLink>
          <NavLink to="/console">Console</NavLink>
        </nav>
        <AccountMenu session={session.data} />
      </header>
      <div id="content" className="content" tabIndex={-1}>
        <Outlet />
      </div>
    </div>
  );
}

/** A session that ends while the page is open leads to the sign-in page, and back. */
function useSignedOut(signInPath: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => {
    whenSignedOut(() => {
      client.removeQueries({ queryKey: ["session"] });
      void navigate(signInPath);
    });
    return () => whenSignedOut(() => undefined);
  }, [client, navigate, signInPath]);
}
