import type { Source } from "../../api/types";

/** Which items a source has, and when it is synced by itself. */
export function Habits({ of }: { of?: Source }) {
  const seconds = of?.schedule?.every_seconds;
  return (
    <>
      <label>
        Only what matches <span className="muted">globs, optional</span>
        <input name="include" placeholder="*.md *.pdf" autoComplete="off" defaultValue={of?.include.join(" ")} />
      </label>
      <label>
        But not <span className="muted">globs, optional</span>
        <input name="exclude" placeholder="drafts/*" autoComplete="off" defaultValue={of?.exclude.join(" ")} />
      </label>
      <div className="side-by-side">
        <label>
          Sync every so many hours
          <input name="every" type="number" min={0.1} step="any" placeholder="never" defaultValue={seconds ? seconds / 3600 : undefined} />
        </label>
        <label>
          or at these times
          <input name="cron" placeholder="0 3 * * * (UTC)" autoComplete="off" defaultValue={of?.schedule?.cron ?? undefined} />
        </label>
      </div>
    </>
  );
}
