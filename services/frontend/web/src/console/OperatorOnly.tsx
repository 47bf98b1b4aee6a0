import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import * as queries from "../api/queries";
import { Empty } from "../ui/states";

export function useOperator(): boolean {
  return useQuery(queries.session()).data?.operator ?? false;
}

/** The platform refuses other keys by itself; this page says so instead of trying. */
export function OperatorOnly({ children }: { children: ReactNode }) {
  if (useOperator()) return children;
  return (
    <Empty title="This page is for the operator's key.">
      <p>Sign out, and in with the key in var/secrets/api.key, to see it.</p>
    </Empty>
  );
}
