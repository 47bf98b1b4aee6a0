/** A conversation is a tree: asking again or editing a question branches. This finds the branch that is shown. */
import type { Turn } from "../api/types";

export interface ShownTurn {
  turn: Turn;
  /** Ids of the turns that stand in the same place, this one among them, oldest first. */
  versions: string[];
}

const START = "";

/** The turns from the first to the newest, by what was chosen where the conversation branches. */
export function shownTurns(said: Turn[], chosen: ReadonlyMap<string, string>): ShownTurn[] {
  const following = new Map<string, Turn[]>();
  for (const turn of said) {
    const place = turn.previous_response_id ?? START;
    following.set(place, [...(following.get(place) ?? []), turn]);
  }
  const shown: ShownTurn[] = [];
  for (let here = following.get(START); here?.length; ) {
    const place = here[0]?.previous_response_id ?? START;
    const turn = here.find((each) => each.response_id === chosen.get(place)) ?? here[here.length - 1];
    if (!turn) break;
    shown.push({ turn, versions: here.map((each) => each.response_id) });
    here = following.get(turn.response_id);
  }
  return shown;
}

/** What `chosen` becomes when another version of a turn is to be shown. */
export function choose(chosen: ReadonlyMap<string, string>, turn: Turn, responseId: string): Map<string, string> {
  return new Map(chosen).set(turn.previous_response_id ?? START, responseId);
}

/** The turns before the place at which a new question is asked. */
export function turnsBefore(shown: ShownTurn[], previousId: string | null): ShownTurn[] {
  return shown.slice(0, shown.findIndex(({ turn }) => turn.response_id === previousId) + 1);
}

export function questionOf(turn: Turn): string {
  return turn.messages.filter((message) => message.role === "user").at(-1)?.text ?? "";
}

export function answerOf(turn: Turn): string {
  return turn.messages.filter((message) => message.role === "assistant").at(-1)?.text ?? "";
}
