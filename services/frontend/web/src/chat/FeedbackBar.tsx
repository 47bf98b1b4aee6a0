import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MessageSquare, ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";

import { getJson, sentence } from "../api/client";
import * as queries from "../api/queries";
import type { FeedbackRequest } from "../api/types";

export function useFeedback(recordId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: Partial<Omit<FeedbackRequest, "record_id">>) =>
      getJson("/api/feedback", { json: { record_id: recordId, ...said } }),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.record(recordId).queryKey }),
  });
}

/** Thumbs and a comment; said again, the newer words count. */
export function FeedbackBar({ recordId }: { recordId: string }) {
  const { data: record } = useQuery(queries.record(recordId));
  const feedback = useFeedback(recordId);
  const [commenting, setCommenting] = useState(false);
  const rating = feedback.isPending ? feedback.variables.rating : record?.feedback?.rating;
  const rate = (wanted: "up" | "down") => {
    feedback.mutate({ rating: rating === wanted ? null : wanted });
    if (wanted === "down" && rating !== wanted) setCommenting(true);
  };
  return (
    <>
      <button type="button" className="icon-button" aria-label="Good answer" title="Good answer" aria-pressed={rating === "up"} onClick={() => rate("up")}>
        <ThumbsUp aria-hidden />
      </button>
      <button type="button" className="icon-button" aria-label="Bad answer" title="Bad answer" aria-pressed={rating === "down"} onClick={() => rate("down")}>
        <ThumbsDown aria-hidden />
      </button>
      <button type="button" className="icon-button" aria-label="Comment" title="Comment" aria-expanded={commenting} onClick={() => setCommenting(!commenting)}>
        <MessageSquare aria-hidden />
      </button>
      {feedback.isError && <span className="error-text">{sentence(feedback.error)}</span>}
      {commenting && (
        <CommentForm
          said={record?.feedback?.comment ?? ""}
          onSay={(comment) => {
            feedback.mutate({ comment: comment || null });
            setCommenting(false);
          }}
        />
      )}
    </>
  );
}

function CommentForm({ said, onSay }: { said: string; onSay: (comment: string) => void }) {
  const [comment, setComment] = useState(said);
  return (
    <form
      className="comment"
      onSubmit={(event) => {
        event.preventDefault();
        onSay(comment.trim());
      }}
    >
      <label>
        What is wrong, or right, with this answer?
        <textarea autoFocus rows={2} maxLength={20_000} value={comment} onChange={(event) => setComment(event.target.value)} />
      </label>
      <button type="submit" className="button">
        Send
      </button>
    </form>
  );
}
