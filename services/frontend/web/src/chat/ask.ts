/** Asks a question of the platform and follows the answer while it is made. */
import { ApiError, send } from "../api/client";
import { eventsOf } from "../api/eventStream";
import type { AnswerResponse } from "../api/types";

export interface Question {
  text: string;
  /** Names of the collections to answer from. */
  collections: string[];
  /** Names of connectors whose tools are called where the question fits their patterns. */
  live: string[];
  /** A model of its own choice; the platform's default when null. */
  model: string | null;
  conversationId: string | null;
  /** The answer to go on from; null begins the conversation, or begins it again. */
  previousId: string | null;
}

export type Stage = "searching" | "reading" | "writing" | "checking";

/** What is read for an answer. */
export interface Reading {
  passages: number;
  /** How many of them are live data. */
  live: number;
}

export interface Listener {
  onStage(stage: Stage, reading: Reading | null): void;
  onText(piece: string): void;
}

interface StreamEvent {
  type: string;
  delta?: string;
  response?: AnswerResponse;
  ragworks?: { stage: string; passages?: number; live?: number };
  error?: { message?: string; code?: string };
}

const STAGES: Record<string, Stage> = { rewrite: "searching", prompt: "reading", generate: "writing", cite: "checking" };

/** The finished answer.
 * @throws ApiError the platform refused, or the answer broke off. */
export async function ask(question: Question, listener: Listener, signal: AbortSignal): Promise<AnswerResponse> {
  listener.onStage("searching", null);
  const response = await send("/v1/responses", { json: requestOf(question), signal });
  let reading: Reading | null = null;
  for await (const { data } of eventsOf(response)) {
    const event = JSON.parse(data) as StreamEvent;
    if (event.error) throw new ApiError(event.error.message ?? "The answer broke off.", 502, event.error.code ?? "failed");
    if (event.ragworks && event.type === "response.in_progress") {
      reading = readingOf(event.ragworks, reading);
      const stage = STAGES[event.ragworks.stage];
      if (stage && stage !== "writing") listener.onStage(stage, reading);
    }
    if (event.type === "response.output_text.delta" && event.delta) listener.onText(event.delta);
    const ended = outcomeOf(event);
    if (ended) return ended;
  }
  throw new ApiError("The answer broke off before its end. Ask again.", 502, "stream_interrupted");
}

/** The latest that is known: how many passages fit is told later than how many were found. */
function readingOf({ passages, live }: { passages?: number; live?: number }, before: Reading | null): Reading | null {
  return passages === undefined ? before : { passages, live: live ?? before?.live ?? 0 };
}

function outcomeOf({ type, response }: StreamEvent): AnswerResponse | null {
  if (!response) return null;
  if (type === "response.failed") throw new ApiError(response.error?.message ?? "The answer broke off. Ask again.", 502, "failed");
  return type === "response.completed" || type === "response.incomplete" ? response : null;
}

function requestOf({ text, collections, live, model, conversationId, previousId }: Question): object {
  const tools = [
    ...(model ? [{ type: "file_search", vector_store_ids: collections }] : []),
    ...live.map((connector) => ({ type: "mcp", server_label: connector })),
  ];
  return {
    model: model ?? `rag/${collections.join("+")}`,
    ...(tools.length ? { tools } : {}),
    input: text,
    stream: true,
    ...(previousId ? { previous_response_id: previousId } : {}),
    ...(conversationId && !previousId ? { conversation: { id: conversationId, from_start: true } } : {}),
  };
}
