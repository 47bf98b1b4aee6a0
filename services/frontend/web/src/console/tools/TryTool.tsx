import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError, getJson, sentence } from "../../api/client";
import type { CallResult, Tool } from "../../api/types";
import { milliseconds } from "../../ui/format";
import { Busy, Failure } from "../../ui/states";
import { Folded, JsonText, PlainText } from "../Details";
import { useOperator } from "../OperatorOnly";
import type { ArgumentsSchema } from "./schema";
import { SchemaForm } from "./SchemaForm";
import { WaitingCalls } from "./WaitingCalls";

/** A call by hand, with what it brings as an answer would see it. */
export function TryTool({ tool }: { tool: Tool }) {
  const operator = useOperator();
  const [approval, setApproval] = useState("");
  const changes = tool.effect !== "read";
  const call = useMutation({
    mutationFn: (values: Record<string, unknown>) =>
      getJson<CallResult>(`/api/tools/${encodeURIComponent(tool.name)}/call`, { json: { arguments: values, approval: approval.trim() || null } }),
    onSuccess: () => setApproval(""), // it was good for one call
  });
  const waits = call.error instanceof ApiError && call.error.code === "approval_required";
  return (
    <section aria-label="Call it">
      <h2>Call it</h2>
      {changes && (
        <p className="notice">
          This call changes something in the outside system. The first one asks for approval and does nothing; sent again with the approval, it is made once.
        </p>
      )}
      <SchemaForm schema={tool.arguments as ArgumentsSchema} busy={call.isPending || !tool.approved} action="Call" onSubmit={(values) => call.mutate(values)}>
        {changes && (
          <label>
            Approval <span className="muted">of this very call</span>
            <input value={approval} placeholder="apr_…" onChange={(event) => setApproval(event.target.value)} />
          </label>
        )}
      </SchemaForm>
      {call.isPending && <Busy what="Calling" />}
      {call.isError && <Failure message={sentence(call.error)} />}
      {changes && operator && waits && <WaitingCalls tool={tool.name} onApproved={setApproval} />}
      {call.data && <Result of={call.data} />}
    </section>
  );
}

function Result({ of }: { of: CallResult }) {
  return (
    <>
      <p className="muted" role="status">
        <code>{of.id}</code>, {milliseconds(of.ms)}
        {of.cached && ", from the cache"}
      </p>
      {of.material.map(({ title, source, text }, index) => (
        <section key={index} aria-label={`Material ${index + 1}`}>
          <h3>
            {title} <span className="muted">{source}</span>
          </h3>
          <PlainText text={text} label={`Text of material ${index + 1}`} />
        </section>
      ))}
      <Folded title="The result as it is">
        <JsonText value={of.result} label="The result" />
      </Folded>
    </>
  );
}
