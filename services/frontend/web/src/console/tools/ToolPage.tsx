import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useParams } from "react-router";

import { getJson, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Tool } from "../../api/types";
import { seconds } from "../../ui/format";
import { Busy, Failure } from "../../ui/states";
import { Folded, JsonText, PlainText } from "../Details";
import { Facts } from "../Listing";
import { useOperator } from "../OperatorOnly";
import { Status } from "../Status";
import { TryTool } from "./TryTool";

export function ToolPage() {
  const { name = "" } = useParams();
  const found = useQuery(queries.tool(name));
  if (found.isPending) return <Busy what="Loading the tool" />;
  if (found.isError) return <Failure message={sentence(found.error)} />;
  const tool = found.data;
  return (
    <>
      <header className="page-head">
        <h1>{tool.name}</h1>
      </header>
      {!tool.approved && <NotApproved tool={tool} />}
      <PlainText text={tool.description} label="What it says of itself" />
      <Facts
        facts={[
          ["Effect", <Status of={tool.effect} />],
          ["Takes at most", seconds(tool.timeout_s)],
          ["Results are kept", tool.cache_s ? `for ${seconds(tool.cache_s)}` : "not at all"],
          ["Definition", <code>{tool.digest.slice(0, 12)}</code>],
        ]}
      />
      <Folded title="Schemas">
        <h3>Arguments</h3>
        <JsonText value={tool.arguments} label="Schema of the arguments" />
        <h3>Result</h3>
        {tool.result ? <JsonText value={tool.result} label="Schema of the result" /> : <p className="muted">The outside system declares none.</p>}
      </Folded>
      <TryTool tool={tool} />
    </>
  );
}

/** A definition from outside is called only as an operator has seen it. */
function NotApproved({ tool }: { tool: Tool }) {
  const operator = useOperator();
  const client = useQueryClient();
  const approve = useMutation({
    mutationFn: () => getJson<Tool>(`/api/tools/${encodeURIComponent(tool.name)}/approve`, { json: { digest: tool.digest } }),
    onSuccess: async (approved) => {
      client.setQueryData(queries.tool(tool.name).queryKey, approved);
      await client.invalidateQueries({ queryKey: queries.tools().queryKey });
    },
  });
  return (
    <>
      <Failure message="An outside system defines this tool, and the definition is new or has changed: it cannot be called before an operator approves it. Read its words, effect and schemas first.">
        {operator && (
          <button type="button" className="button" disabled={approve.isPending} onClick={() => approve.mutate()}>
            <ShieldCheck aria-hidden /> Approve this definition
          </button>
        )}
      </Failure>
      {approve.isError && <Failure message={sentence(approve.error)} />}
    </>
  );
}
