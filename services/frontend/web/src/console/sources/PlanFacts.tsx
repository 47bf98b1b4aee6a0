import type { SyncPlan } from "../../api/types";
import { about, bytes, count, several } from "../../ui/format";
import { Failure } from "../../ui/states";
import { Facts } from "../Listing";

/** What a sync is to do, and what that is likely to take. */
export function PlanFacts({ plan, dry }: { plan: SyncPlan; dry: boolean }) {
  return (
    <>
      <h2>{dry ? "What a sync would do" : "What was planned"}</h2>
      {plan.needs_confirmation && <Failure message={plan.needs_confirmation} />}
      <Facts
        facts={[
          ["Add, update", `${count(plan.adds)}, ${count(plan.updates)}`],
          ["Rename, delete", `${count(plan.renames)}, ${count(plan.deletes)}`],
          ["Unchanged", `${count(plan.unchanged)}${plan.unlisted ? `, ${count(plan.unlisted)} not known before they are asked for` : ""}`],
          ["To fetch", bytes(plan.bytes)],
          ["To embed", `about ${several(plan.chunks, "chunk")} (from ${plan.chunks_from})`],
          ["Takes", plan.seconds == null ? "not known yet" : about(plan.seconds)],
          ...(plan.price == null ? [] : ([["Costs at most", plan.price.toFixed(4)]] as [string, string][])),
        ]}
      />
    </>
  );
}
