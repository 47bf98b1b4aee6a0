import * as Menu from "@radix-ui/react-dropdown-menu";
import { ChevronDown, RadioTower } from "lucide-react";

import type { Choices } from "./useChoices";

/** Which connectors may be asked for live data, where there are any. */
export function LivePicker({ choices: { connectors, live, setLive } }: { choices: Choices }) {
  if (!connectors.length) return null;
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button quiet picker" aria-label={live.length ? `Live data: ${live.join(", ")}` : "No live data"}>
        <RadioTower aria-hidden />
        <span className="ellipsis">{live.length ? live.join(" + ") : "Live data"}</span>
        <ChevronDown aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" align="start" sideOffset={6}>
          <Menu.Label className="menu-label">Also ask, where the question fits</Menu.Label>
          {connectors.map(({ name, state }) => (
            <Menu.CheckboxItem
              key={name}
              className="menu-item"
              checked={live.includes(name)}
              onCheckedChange={(on) => setLive(on ? [...live, name] : live.filter((each) => each !== name))}
              onSelect={(event) => event.preventDefault()}
            >
              <span className="menu-check" aria-hidden />
              {name} {state !== "ready" && <span className="muted">{state}</span>}
            </Menu.CheckboxItem>
          ))}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
