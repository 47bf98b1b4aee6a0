import { Pencil, RefreshCw } from "lucide-react";
import { useEffect, useRef } from "react";

import { Failure } from "../ui/states";
import { AnsweredTurn, Asked, type TurnActions } from "./AnsweredTurn";
import { GrowingMarkdown } from "./Markdown";
import { StageLine } from "./Stages";
import type { ShownTurn } from "./turns";
import type { Asking } from "./useAsking";

interface ThreadProps {
  title: string;
  turns: ShownTurn[];
  asking: Asking | null;
  busy: boolean;
  actions: TurnActions;
  onRetry: () => void;
  onEdit: () => void;
}

/** All that was said, and what is being answered. */
export function Thread({ title, turns, asking, busy, actions, onRetry, onEdit }: ThreadProps) {
  const box = useStickyEnd([turns.length, asking?.text, asking?.stage, asking?.state]);
  return (
    <div ref={box} className="thread" tabIndex={0} role="region" aria-label="Conversation">
      <div className="column">
        <h1 className="visually-hidden">{title}</h1>
        {turns.map((shown) => (
          <AnsweredTurn key={shown.turn.response_id} shown={shown} busy={busy} actions={actions} />
        ))}
        {asking && <OpenTurn asking={asking} onRetry={onRetry} onEdit={onEdit} />}
      </div>
    </div>
  );
}

interface OpenTurnProps {
  asking: Asking;
  onRetry: () => void;
  onEdit: () => void;
}

function OpenTurn({ asking, onRetry, onEdit }: OpenTurnProps) {
  const { question, state, text, error } = asking;
  const again = (
    <>
      <button type="button" className="button" onClick={onRetry}>
        <RefreshCw aria-hidden /> Ask again
      </button>
      <button type="button" className="button quiet" onClick={onEdit}>
        <Pencil aria-hidden /> Edit the question
      </button>
    </>
  );
  return (
    <article className="turn" aria-label={`Question: ${question.text}`} aria-busy={state === "answering"}>
      <Asked text={question.text} />
      <div className="answer">
        {text && (
          <div className="prose" dir="auto">
            <GrowingMarkdown text={text} />
          </div>
        )}
        {state === "answering" && <StageLine stage={asking.stage} reading={asking.reading} collections={question.collections} />}
        {state === "stopped" && (
          <div className="stopped" role="status">
            <span className="muted">Stopped. This answer is not kept.</span> {again}
          </div>
        )}
        {state === "failed" && <Failure message={error ?? "The answer broke off."}>{again}</Failure>}
      </div>
    </article>
  );
}

/** Keeps the end in view while the reader is there; who scrolled up to read stays where they are. */
function useStickyEnd(changes: unknown[]) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const area = box.current;
    if (!area) return undefined;
    const note = () => {
      atEnd.current = area.scrollHeight - area.scrollTop - area.clientHeight < 80;
    };
    area.addEventListener("scroll", note, { passive: true });
    return () => area.removeEventListener("scroll", note);
  }, []);
  useEffect(() => {
    const area = box.current;
    if (area && atEnd.current) area.scrollTop = area.scrollHeight;
  }, changes);
  return box;
}
