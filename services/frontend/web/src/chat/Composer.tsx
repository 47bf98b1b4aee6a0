import { ArrowUp, Paperclip, Square, X } from "lucide-react";
import { useEffect, useRef, type KeyboardEvent } from "react";

import { CollectionPicker } from "./CollectionPicker";
import { LivePicker } from "./LivePicker";
import type { Choices } from "./useChoices";

interface ComposerProps {
  draft: string;
  editing: boolean;
  busy: boolean;
  choices: Choices;
  onDraft: (text: string) => void;
  onSubmit: (text: string) => void;
  onStop: () => void;
  onCancelEdit: () => void;
  onUpload: () => void;
}

/** Where a question is written, and of what it is asked. */
export function Composer({ draft, editing, busy, choices, onDraft, onSubmit, onStop, onCancelEdit, onUpload }: ComposerProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (editing) box.current?.focus();
  }, [editing]);
  const ready = draft.trim() !== "" && !busy && choices.collections.length > 0;
  const submit = () => {
    if (!ready) return;
    onSubmit(draft.trim());
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && busy) onStop();
    else if (event.key === "Escape" && editing) onCancelEdit();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {editing && (
        <p className="editing">
          Editing: the answer becomes another version.
          <button type="button" className="icon-button" aria-label="Do not edit" onClick={onCancelEdit}>
            <X aria-hidden />
          </button>
        </p>
      )}
      <label htmlFor="question" className="visually-hidden">
        Your question
      </label>
      <textarea
        id="question"
        ref={box}
        dir="auto"
        rows={1}
        placeholder="Ask a question"
        value={draft}
        onChange={(event) => onDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer-tools">
        <button type="button" className="icon-button" aria-label="Add files" title="Add files" onClick={onUpload}>
          <Paperclip aria-hidden />
        </button>
        <CollectionPicker choices={choices} />
        <LivePicker choices={choices} />
        <ModelPicker choices={choices} />
        <span className="grow" />
        {busy ? (
          <button type="button" className="button primary" onClick={onStop}>
            <Square aria-hidden /> Stop
          </button>
        ) : (
          <button type="submit" className="button primary" aria-label="Ask" disabled={!ready}>
            <ArrowUp aria-hidden />
          </button>
        )}
      </div>
    </form>
  );
}

function ModelPicker({ choices: { models, model, setModel } }: { choices: Choices }) {
  if (!models.length) return null;
  return (
    <select className="picker" aria-label="Model" value={model ?? ""} onChange={(event) => setModel(event.target.value || null)}>
      <option value="">Default model</option>
      {models.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
