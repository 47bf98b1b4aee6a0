import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { getJson, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { Session } from "../api/types";
import { Failure } from "../ui/states";

/** The API key is exchanged for a cookie that no script can read; it is kept nowhere in the browser. */
export function SignIn() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const signIn = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("key") ?? "").trim();
    setBusy(true);
    setFailure(null);
    try {
      if (!/^[\x21-\x7e]+$/.test(key)) throw new Error("That is no API key: it begins with rw- and has no spaces.");
      const session = await getJson<Session>("/api/session", { method: "POST", headers: { authorization: `Bearer ${key}` } });
      client.clear();
      client.setQueryData(queries.session().queryKey, session);
      await navigate(ownPath(parameters.get("next")), { replace: true });
    } catch (error) {
      setFailure(sentence(error));
      setBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <form onSubmit={(event) => void signIn(event)}>
        <img src={new URL("../icon.svg", import.meta.url).href} alt="" width={48} height={48} />
        <h1>Ragworks</h1>
        <label htmlFor="key">API key</label>
        <input id="key" name="key" type="password" autoComplete="current-password" placeholder="rw-…" required autoFocus aria-describedby="key-help" />
        <p id="key-help" className="muted">
          On the machine that runs Ragworks it lies in <code>var/secrets/api.key</code>. It is exchanged for a session; this
          browser does not keep it.
        </p>
        {failure && <Failure message={failure} />}
        <button type="submit" className="button primary" disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}

/** Only addresses of these pages: what stands in a link is not to be trusted. */
function ownPath(wanted: string | null): string {
  return wanted && /^\/(chat|console)(\/|$|\?)/.test(wanted) ? wanted : "/chat";
}
