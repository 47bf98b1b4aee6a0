import * as Tabs from "@radix-ui/react-tabs";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Connector, Tool } from "../../api/types";
import { Busy, Empty, Failure } from "../../ui/states";
import { Table, type Column } from "../Listing";
import { useOperator } from "../OperatorOnly";
import { Status } from "../Status";
import { CallsLog } from "./CallsLog";
import { WaitingCalls } from "./WaitingCalls";

const CONNECTORS: Column<Connector>[] = [
  { name: "Connector", show: ({ name }) => name },
  { name: "Kind", show: ({ kind }) => kind },
  { name: "State", show: ({ state }) => <Status of={state} /> },
  { name: "Tools", show: ({ tools }) => tools, numeric: true },
  { name: "Reason", show: ({ reason }) => reason ?? "–", wide: true },
];

const TOOLS: Column<Tool>[] = [
  { name: "Tool", show: ({ name }) => <Link to={`/console/tools/${encodeURIComponent(name)}`}>{name}</Link> },
  { name: "Effect", show: ({ effect }) => <Status of={effect} /> },
  { name: "Approved", show: ({ approved }) => (approved ? "yes" : <Status of="missed" word="not yet" />) },
  { name: "What it does", show: ({ description }) => description.split("\n")[0], wide: true },
];

/** The live tools of outside systems, and how those are. */
export function ToolsPage() {
  const operator = useOperator();
  const connectors = useQuery(queries.connectors());
  return (
    <>
      <header className="page-head">
        <h1>Tools</h1>
      </header>
      {connectors.isPending && <Busy what="Asking every connector how it is" />}
      {connectors.isError && <Failure message={sentence(connectors.error)} />}
      {connectors.data?.length === 0 && (
        <Empty title="There is no connector that your key may use.">
          <p>
            The operator declares connectors in the file that <code>RAGWORKS_CONNECTORS_FILE</code> names, and says there who may use each.
          </p>
        </Empty>
      )}
      {connectors.data && connectors.data.length > 0 && (
        <>
          <Table label="Connectors" columns={CONNECTORS} rows={connectors.data} keyOf={({ name }) => name} />
          <Tabs.Root defaultValue="tools">
            <Tabs.List className="tabs" aria-label="Tools and their calls">
              <Tabs.Trigger value="tools">Tools</Tabs.Trigger>
              {operator && <Tabs.Trigger value="waiting">Waiting calls</Tabs.Trigger>}
              {operator && <Tabs.Trigger value="calls">Audit log</Tabs.Trigger>}
            </Tabs.List>
            <Tabs.Content value="tools" tabIndex={-1}>
              <ToolTable />
            </Tabs.Content>
            <Tabs.Content value="waiting" tabIndex={-1}>
              <WaitingCalls />
            </Tabs.Content>
            <Tabs.Content value="calls" tabIndex={-1}>
              <CallsLog />
            </Tabs.Content>
          </Tabs.Root>
        </>
      )}
    </>
  );
}

const SHOWN_AT_ONCE = 100;

function ToolTable() {
  const tools = useQuery(queries.tools());
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  if (tools.isPending) return <Busy what="Loading the tools" />;
  if (tools.isError) return <Failure message={sentence(tools.error)} />;
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = tools.data.filter(({ name, description }) => words.every((word) => `${name} ${description}`.toLowerCase().includes(word)));
  return (
    <>
      <form className="search-form" role="search" onSubmit={(event) => event.preventDefault()}>
        <label className="grow">
          With these words
          <input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </label>
      </form>
      {found.length === 0 && <Empty title={tools.data.length ? "No tool has these words." : "The connectors offer no tool now; their states say why."} />}
      {found.length > 0 && <Table label="Tools" columns={TOOLS} rows={found.slice(0, shown)} keyOf={({ name }) => name} />}
      {found.length > shown && (
        <button type="button" className="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
          Show more
        </button>
      )}
    </>
  );
}
