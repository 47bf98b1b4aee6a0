import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { send, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { ModelInFull, ReplicaView } from "../../api/types";
import { count, milliseconds } from "../../ui/format";
import { Busy, Empty, Failure } from "../../ui/states";
import { Facts, Table, type Column } from "../Listing";
import { Status } from "../Status";

const REFRESH_MS = 2_000;

/** The models with their replicas, and what their latest requests took. */
export function ModelsPage() {
  const fleet = useQuery({ ...queries.fleet(), refetchInterval: REFRESH_MS });
  return (
    <>
      <header className="page-head">
        <h1>Models</h1>
      </header>
      {fleet.isPending && <Busy what="Loading the models" />}
      {fleet.isError && <Failure message={sentence(fleet.error)} />}
      {fleet.data?.length === 0 && <Empty title="No model is declared; the models file of the inference service declares them." />}
      {fleet.data?.map((model) => (
        <Model key={model.name} model={model} />
      ))}
    </>
  );
}

function Model({ model }: { model: ModelInFull }) {
  const running = model.replicas.reduce((sum, replica) => sum + replica.running, 0);
  const names = [...model.aliases, ...model.adapters.map((adapter) => `adapter ${adapter}`)];
  return (
    <section aria-label={model.name} className="model">
      <h2>
        {model.name} <Status of={model.state} />
      </h2>
      <Facts
        facts={[
          ["Running", count(running)],
          ["Waiting", model.waiting == null ? "not counted" : count(model.waiting)],
          ...recentFacts(model),
          ["Also called", names.join(", ") || "–"],
          ["Class", model.slo ?? "none"],
          ["Instead of it", [model.fallback, model.overflow].filter(Boolean).join(", ") || "nothing"],
        ]}
      />
      <Replicas model={model} />
      <p>
        <Link to={`/console/requests?model=${encodeURIComponent(model.name)}`}>Its requests</Link>
      </p>
    </section>
  );
}

function recentFacts({ recent }: ModelInFull): [string, string][] {
  if (!recent) return [["Latest requests", "no request log is kept"]];
  const both = (half: number | null, most: number | null) => `${milliseconds(half)}, ${milliseconds(most)}`;
  return [
    [`Requests in ${recent.minutes} min`, `${count(recent.requests)}${recent.failed ? `, ${count(recent.failed)} failed` : ""}`],
    ["TTFT, median and 95 %", both(recent.ttft_p50_ms, recent.ttft_p95_ms)],
    ["ITL, median and 95 %", both(recent.itl_p50_ms, recent.itl_p95_ms)],
    ["Queue, 95 %", milliseconds(recent.queue_p95_ms)],
    ["Tokens out", count(recent.output_tokens)],
    ...(recent.slow ? ([["Missed their class", count(recent.slow)]] as [string, string][]) : []),
  ];
}

function Replicas({ model }: { model: ModelInFull }) {
  const client = useQueryClient();
  const steer = useMutation({
    mutationFn: ({ step, replica }: { step: "drain" | "undrain"; replica: string }) =>
      send(`/api/models/${model.name.split("/").map(encodeURIComponent).join("/")}/${step}`, { json: { replica } }),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.fleet().queryKey }),
  });
  const columns: Column<ReplicaView>[] = [
    { name: "Replica", show: ({ url }) => url, wide: true },
    { name: "State", show: ({ state }) => <Status of={state} /> },
    { name: "Running", show: ({ running }) => count(running), numeric: true },
    {
      name: "Use",
      show: ({ url, state }) => {
        const step = state.startsWith("drain") ? "undrain" : "drain";
        return (
          <button type="button" className="button" disabled={steer.isPending} aria-label={`${step} ${url}`} onClick={() => steer.mutate({ step, replica: url })}>
            {step === "drain" ? "Drain" : "Use again"}
          </button>
        );
      },
    },
  ];
  return (
    <>
      <Table label={`Replicas of ${model.name}`} columns={columns} rows={model.replicas} keyOf={({ url }) => url} />
      {steer.isError && <Failure message={sentence(steer.error)} />}
    </>
  );
}
