/** What an answer stands on: its claims with their verdicts, the passages that were found, and the time it took. */
import { Link } from "react-router";

import { isLive, toolOf } from "../../api/live";
import type { Claim, RecordedPassage } from "../../api/types";
import { milliseconds, score, words } from "../../ui/format";
import { Table, type Column } from "../Listing";
import { Status } from "../Status";

const VERDICTS: Record<Claim["verdict"], string> = { supported: "completed", partly: "paused", unsupported: "failed" };

const CLAIMS: Column<Claim>[] = [
  { name: "Claim", show: ({ text }) => <span dir="auto">{words(text)}</span>, wide: true },
  { name: "Verdict", show: ({ verdict }) => <Status of={VERDICTS[verdict]} word={verdict} /> },
  { name: "Support", show: ({ support }) => `${Math.round(support * 100)} %`, numeric: true },
  {
    name: "Evidence",
    show: ({ evidence, flagged }) => (
      <>
        {evidence.map((each, index) => (
          <p key={index} dir="auto">
            <span className="cite">{each.number}</span> {each.quote || "(no words are kept)"}
          </p>
        ))}
        {flagged.length > 0 && <p className="error-text">In no passage: {flagged.map(({ text }) => text).join(", ")}</p>}
      </>
    ),
    wide: true,
  },
];

export function Claims({ claims }: { claims: Claim[] }) {
  if (!claims.length) return null;
  return (
    <>
      <h2>Claims</h2>
      <Table label="Claims" columns={CLAIMS} rows={claims} keyOf={(claim) => `${claim.start_index} ${claim.text}`} />
    </>
  );
}

export function Passages({ passages }: { passages: RecordedPassage[] }) {
  return (
    <>
      <h2>Passages</h2>
      {passages.length === 0 && <p className="muted">Nothing was found.</p>}
      <ol className="passages">
        {passages.map((passage) => (
          <li key={passage.chunk_id}>
            <p className="passage-head">
              <span className="cite">{passage.number}</span>
              <Origin of={passage} />
              {passage.page != null && <span className="muted">page {passage.page}</span>}
              <span className="muted">
                fused {score(passage.scores.fused)} · meaning {score(passage.scores.dense)} · words {score(passage.scores.sparse)}
                {passage.scores.rerank != null && <> · reranker {score(passage.scores.rerank)}</>}
              </span>
              {!passage.in_prompt && <Status of="paused" word="not in the prompt" />}
            </p>
            <p className="document-text" dir="auto">
              {words(passage.text)}
            </p>
          </li>
        ))}
      </ol>
    </>
  );
}

function Origin({ of }: { of: RecordedPassage }) {
  const named = of.title || of.source;
  if (!isLive(of)) return <Link to={`/console/documents/${of.document_id}`}>{named || of.document_id}</Link>;
  const tool = toolOf(of);
  return <>live data of {tool ? <Link to={`/console/tools/${tool}`}>{tool}</Link> : (named ?? "a tool")}</>;
}

export function Timings({ of }: { of: Record<string, number> }) {
  const steps = Object.entries(of);
  if (!steps.length) return null;
  const total = Math.max(...steps.map(([, ms]) => ms));
  return (
    <>
      <h2>Time</h2>
      <ul className="bars" aria-label={`Time by step, ${milliseconds(total)} in all`}>
        {steps.map(([name, ms]) => (
          <li key={name}>
            <span>{name.replaceAll("_", " ")}</span>
            <meter min={0} max={total || 1} value={ms} aria-label={name} />
            <span className="numeric">{milliseconds(ms)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
