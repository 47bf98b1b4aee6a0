import { FilePlus2 } from "lucide-react";

import type { Choices } from "./useChoices";

/** The first thing a new user sees. */
export function Welcome({ choices, onUpload }: { choices: Choices; onUpload: () => void }) {
  const { available, collections } = choices;
  return (
    <div className="welcome">
      <h1>What would you like to know?</h1>
      {available?.length === 0 ? (
        <p>There is nothing to answer from yet. Add files first; then ask about them.</p>
      ) : (
        <p>
          Answers come from {collections.length ? <strong>{collections.join(", ")}</strong> : "your documents"}. Every claim is checked
          against the passages that were read; a number opens its source.
        </p>
      )}
      <button type="button" className="button" onClick={onUpload}>
        <FilePlus2 aria-hidden /> Add files
      </button>
    </div>
  );
}
