import * as Menu from "@radix-ui/react-dropdown-menu";
import { ChevronDown, Library } from "lucide-react";

import type { Choices } from "./useChoices";

/** Which collections are searched: one as a rule, several if wanted. */
export function CollectionPicker({ choices }: { choices: Choices }) {
  const { available, collections, setCollections } = choices;
  if (!available?.length) return null;
  const toggle = (name: string, on: boolean) => {
    const changed = on ? [...collections, name] : collections.filter((each) => each !== name);
    if (changed.length) setCollections(changed);
  };
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button quiet picker" aria-label={`Collections: ${collections.join(", ")}`}>
        <Library aria-hidden />
        <span className="ellipsis">{collections.join(" + ")}</span>
        <ChevronDown aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" align="start" sideOffset={6}>
          <Menu.Label className="menu-label">Answer from</Menu.Label>
          {available.map((name) => (
            <Menu.CheckboxItem
              key={name}
              className="menu-item"
              checked={collections.includes(name)}
              onCheckedChange={(on) => toggle(name, on)}
              onSelect={(event) => event.preventDefault()}
            >
              <span className="menu-check" aria-hidden />
              {name}
            </Menu.CheckboxItem>
          ))}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
