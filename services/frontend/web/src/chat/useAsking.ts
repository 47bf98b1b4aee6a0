/** The one question that is being answered: its stages, its text as it grows, and how it ended. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";

import { sentence } from "../api/client";
import * as queries from "../api/queries";
import { ask, type Question, type Reading, type Stage } from "./ask";

export interface Asking {
  question: Question;
  state: "answering" | "stopped" | "failed";
  stage: Stage;
  reading: Reading | null;
  text: string;
  error: string | null;
}

/** Text comes in many small pieces; the page is drawn once a frame at most. */
function useFrame(draw: () => void): () => void {
  const pending = useRef(0);
  return useCallback(() => {
    if (pending.current) return;
    pending.current = requestAnimationFrame(() => {
      pending.current = 0;
      draw();
    });
  }, [draw]);
}

export function useAsking(onAnswered: (conversationId: string, question: Question) => void) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Asking | null>(null);
  const text = useRef("");
  const controller = useRef<AbortController | null>(null);
  const drawSoon = useFrame(useCallback(() => setAsking((now) => (now ? { ...now, text: text.current } : now)), []));

  const start = async (question: Question) => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    text.current = "";
    setAsking({ question, state: "answering", stage: "searching", reading: null, text: "", error: null });
    const change = (changes: Partial<Asking>) => {
      if (controller.current === mine) setAsking((now) => (now ? { ...now, ...changes } : now));
    };
    const listener = {
      onStage: (stage: Stage, reading: Reading | null) => change({ stage, reading }),
      onText: (piece: string) => {
        if (controller.current !== mine) return;
        if (!text.current) change({ stage: "writing" });
        text.current += piece;
        drawSoon();
      },
    };
    try {
      const response = await ask(question, listener, mine.signal);
      client.setQueryData(queries.answer(response.id).queryKey, response);
      const conversationId = response.conversation?.id ?? "";
      await client.fetchQuery({ ...queries.conversation(conversationId), staleTime: 0 });
      void client.invalidateQueries({ queryKey: ["conversations"] });
      if (controller.current !== mine) return;
      setAsking(null);
      onAnswered(conversationId, question);
    } catch (error) {
      const stopped = mine.signal.aborted;
      change({ state: stopped ? "stopped" : "failed", text: text.current, error: stopped ? null : sentence(error) });
    }
  };
  const stop = () => controller.current?.abort();
  const forget = () => {
    controller.current?.abort();
    controller.current = null;
    setAsking(null);
  };
  return { asking, start, stop, forget };
}
