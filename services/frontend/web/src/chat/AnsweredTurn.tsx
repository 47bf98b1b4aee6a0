import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Microscope, Pencil, RefreshCw } from "lucide-react";
import { memo, useMemo, useState, type ReactNode } from "react";
import { Link } from "react-router";

import * as queries from "../api/queries";
import { textOf, type AnswerFacts, type Citation } from "../api/types";
import { CopyButton } from "../ui/CopyButton";
import { useSeen } from "../ui/useSeen";
import { Abstained } from "./Abstained";
import { Doubts } from "./Doubts";
import { FeedbackBar } from "./FeedbackBar";
import { Markdown, type Evidence } from "./Markdown";
import { browserIndexes } from "./places";
import { Sources } from "./Sources";
import { answerOf, questionOf, type ShownTurn } from "./turns";

export interface TurnActions {
  onCite: (citations: Citation[], number: number, recordId: string | null) => void;
  onRegenerate: (shown: ShownTurn) => void;
  onEdit: (shown: ShownTurn) => void;
  onChoose: (shown: ShownTurn, responseId: string) => void;
}

interface AnsweredTurnProps {
  shown: ShownTurn;
  busy: boolean;
  actions: TurnActions;
}

/** A question and its answer, with what supports it; that is asked for once the turn is in view. */
export const AnsweredTurn = memo(function AnsweredTurn({ shown, busy, actions }: AnsweredTurnProps) {
  const { turn } = shown;
  const [box, seen] = useSeen<HTMLElement>();
  const { data: response } = useQuery({ ...queries.answer(turn.response_id), enabled: seen && !turn.deleted });
  if (turn.deleted) return <p className="muted turn">This turn was deleted.</p>;
  const text = response ? textOf(response) : answerOf(turn);
  return (
    <article ref={box} className="turn" aria-label={`Question: ${questionOf(turn)}`}>
      <Asked text={questionOf(turn)}>
        <Versions shown={shown} onChoose={actions.onChoose} />
        <button type="button" className="icon-button" aria-label="Edit the question" title="Edit" disabled={busy} onClick={() => actions.onEdit(shown)}>
          <Pencil aria-hidden />
        </button>
      </Asked>
      <Answer text={text} facts={response?.ragworks ?? null} onCite={actions.onCite}>
        <CopyButton label="Copy the answer" text={() => text} />
        <button type="button" className="icon-button" aria-label="Answer again" title="Answer again" disabled={busy} onClick={() => actions.onRegenerate(shown)}>
          <RefreshCw aria-hidden />
        </button>
      </Answer>
      {response?.status === "incomplete" && <p className="muted">The answer was cut off at its longest.</p>}
    </article>
  );
});

export function Asked({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="asked">
      <div className="bubble" dir="auto">
        {text}
      </div>
      {children && <div className="asked-tools">{children}</div>}
    </div>
  );
}

interface AnswerProps {
  text: string;
  facts: AnswerFacts | null;
  onCite: TurnActions["onCite"];
  children: ReactNode;
}

function Answer({ text, facts, onCite, children }: AnswerProps) {
  const [doubtsOpen, setDoubtsOpen] = useState(false);
  const recordId = facts?.record_id ?? null;
  const evidence = useMemo<Evidence>(
    () => ({
      doubtful: doubtfulSpans(text, facts),
      onCite: facts ? (number) => onCite(facts.citations, number, recordId) : null,
      onDoubt: facts ? () => setDoubtsOpen(true) : null,
    }),
    [text, facts, onCite, recordId],
  );
  return (
    <div className="answer">
      <div className="prose" dir="auto">
        <Markdown text={text} evidence={evidence} />
      </div>
      {facts?.abstained && <Abstained searched={facts.searched} />}
      {facts && <Doubts claims={facts.claims} open={doubtsOpen} onToggle={setDoubtsOpen} />}
      {facts && <Sources citations={facts.citations} onCite={(number) => onCite(facts.citations, number, recordId)} />}
      <div className="answer-tools">
        {children}
        {recordId && <FeedbackBar recordId={recordId} />}
        {recordId && (
          <Link className="icon-button" aria-label="What this answer stands on" title="What this answer stands on" to={`/console/answers/${recordId}`}>
            <Microscope aria-hidden />
          </Link>
        )}
      </div>
    </div>
  );
}

function doubtfulSpans(text: string, facts: AnswerFacts | null) {
  const doubtful = (facts?.claims ?? []).filter((claim) => claim.verdict !== "supported" && claim.start_index !== null);
  const places = browserIndexes(
    text,
    doubtful.flatMap((claim) => [claim.start_index ?? 0, claim.end_index ?? 0]),
  );
  return doubtful.map((_, index) => ({ start: places[2 * index] ?? 0, end: places[2 * index + 1] ?? 0 }));
}

function Versions({ shown, onChoose }: { shown: ShownTurn; onChoose: TurnActions["onChoose"] }) {
  const { turn, versions } = shown;
  if (versions.length < 2) return null;
  const here = versions.indexOf(turn.response_id);
  const step = (by: number, label: string, Icon: typeof ChevronLeft) => {
    const target = versions[here + by];
    return (
      <button type="button" className="icon-button" aria-label={label} disabled={!target} onClick={() => target && onChoose(shown, target)}>
        <Icon aria-hidden />
      </button>
    );
  };
  return (
    <span className="versions">
      {step(-1, "Earlier version", ChevronLeft)}
      {here + 1}/{versions.length}
      {step(1, "Later version", ChevronRight)}
    </span>
  );
}
