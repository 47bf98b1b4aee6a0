import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";

import { sentence } from "../api/client";
import * as queries from "../api/queries";
import { Busy, Failure } from "../ui/states";
import { useStable } from "../ui/useStable";
import { UploadDialog } from "../upload/UploadDialog";
import type { TurnActions } from "./AnsweredTurn";
import { Composer } from "./Composer";
import { History } from "./History";
import { SourcePanel, type OpenSource } from "./SourcePanel";
import { Thread } from "./Thread";
import { choose, questionOf, shownTurns, turnsBefore, type ShownTurn } from "./turns";
import { useAsking } from "./useAsking";
import { useChoices } from "./useChoices";
import { Welcome } from "./Welcome";

/** What a new question replaces: nothing, or a turn that is edited. */
interface Draft {
  text: string;
  replaces: ShownTurn | null;
}

const EMPTY: Draft = { text: "", replaces: null };
const NO_CHOICES: ReadonlyMap<string, string> = new Map();

export function ChatPage() {
  const { conversationId = null } = useParams();
  const navigate = useNavigate();
  const choices = useChoices();
  const [drafts, setDrafts] = useState<ReadonlyMap<string | null, Draft>>(new Map());
  const [branches, setBranches] = useState(NO_CHOICES);
  const [source, setSource] = useState<OpenSource | null>(null);
  const [uploading, setUploading] = useState(false);
  const found = useQuery({ ...queries.conversation(conversationId ?? ""), enabled: conversationId !== null });

  const draft = drafts.get(conversationId) ?? EMPTY;
  const setDraft = (changed: Draft) => setDrafts((all) => new Map(all).set(conversationId, changed));

  const { asking, start, stop, forget } = useAsking((answeredIn, question) => {
    if (question.conversationId === conversationId && answeredIn !== conversationId) {
      void navigate(`/chat/${answeredIn}`, { replace: conversationId === null });
    }
  });
  const askingHere = asking && asking.question.conversationId === conversationId ? asking : null;
  const busy = asking?.state === "answering";

  const said = found.data?.said;
  const turns = useMemo(() => shownTurns(said ?? [], branches), [said, branches]);
  const before = askingHere ? turnsBefore(turns, askingHere.question.previousId) : turns;

  const askFor = (text: string, previousId: string | null) => {
    setBranches(new Map([...branches].filter(([place]) => place !== (previousId ?? ""))));
    void start({ text, previousId, conversationId, collections: choices.collections, live: choices.live, model: choices.model });
  };
  const submit = (text: string) => {
    const previousId = draft.replaces ? draft.replaces.turn.previous_response_id : (before.at(-1)?.turn.response_id ?? null);
    setDraft(EMPTY);
    askFor(text, previousId);
  };
  const editFailed = () => {
    if (!askingHere) return;
    setDraft({ text: askingHere.question.text, replaces: null });
    forget();
  };

  const actions = useStable<TurnActions>({
    onCite: (citations, number, recordId) => setSource({ citations, number, recordId }),
    onRegenerate: ({ turn }) => askFor(questionOf(turn), turn.previous_response_id),
    onEdit: (shown) => setDraft({ text: questionOf(shown.turn), replaces: shown }),
    onChoose: ({ turn }, responseId) => setBranches(choose(branches, turn, responseId)),
  });

  return (
    <div className={source ? "chat with-source" : "chat"}>
      <History current={conversationId} onLeave={() => setSource(null)} />
      <main className="talk">
        {conversationId !== null && found.isPending && <Busy what="Loading the conversation" />}
        {found.isError && <Failure message={sentence(found.error)} />}
        {!before.length && !askingHere && !found.isFetching ? (
          <Welcome choices={choices} onUpload={() => setUploading(true)} />
        ) : (
          <Thread
            title={found.data?.title ?? askingHere?.question.text ?? "Conversation"}
            turns={before}
            asking={askingHere}
            busy={busy}
            actions={actions}
            onRetry={() => askingHere && void start(askingHere.question)}
            onEdit={editFailed}
          />
        )}
        <Composer
          draft={draft.text}
          editing={draft.replaces !== null}
          busy={busy}
          choices={choices}
          onDraft={(text) => setDraft({ ...draft, text })}
          onSubmit={submit}
          onStop={stop}
          onCancelEdit={() => setDraft(EMPTY)}
          onUpload={() => setUploading(true)}
        />
      </main>
      {source && <SourcePanel source={source} onClose={() => setSource(null)} />}
      {uploading && (
        <UploadDialog
          collections={choices.available}
          suggested={choices.collections[0] ?? null}
          onClose={() => setUploading(false)}
          onAsk={(name) => {
            choices.setCollections([name]);
            setUploading(false);
          }}
        />
      )}
    </div>
  );
}
