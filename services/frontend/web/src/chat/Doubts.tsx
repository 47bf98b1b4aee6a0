import type { Claim } from "../api/types";

interface DoubtsProps {
  claims: Claim[];
  open: boolean;
  onToggle: (open: boolean) => void;
}

/** The claims of an answer that no passage supports, and what comes nearest to each. */
export function Doubts({ claims, open, onToggle }: DoubtsProps) {
  const doubtful = claims.filter((claim) => claim.verdict !== "supported");
  if (!doubtful.length) return null;
  return (
    <details className="doubts" open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary>
        {doubtful.length === 1 ? "1 claim is" : `${doubtful.length} claims are`} not supported by the passages
      </summary>
      <ul>
        {doubtful.map((claim, index) => (
          <li key={index} dir="auto">
            <strong>{claim.text}</strong>
            {claim.flagged.length > 0 && <> — in no passage: {claim.flagged.map((value) => value.text).join(", ")}.</>}
            {claim.evidence[0] ? <blockquote>Nearest: “{claim.evidence[0].quote}”</blockquote> : <> Nothing comes near it.</>}
          </li>
        ))}
      </ul>
    </details>
  );
}
