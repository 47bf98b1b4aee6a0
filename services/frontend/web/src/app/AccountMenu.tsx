import * as Menu from "@radix-ui/react-dropdown-menu";
import { useQueryClient } from "@tanstack/react-query";
import { LogOut, UserRound } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { send } from "../api/client";
import type { Session } from "../api/types";
import { applyTheme, savedTheme, type Theme } from "./theme";

/** Whose key it is, how the pages look, and the way out. */
export function AccountMenu({ session }: { session: Session }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [theme, setTheme] = useState(savedTheme);
  const signOut = async () => {
    await send("/api/session", { method: "DELETE" }).catch(() => undefined);
    client.clear();
    await navigate("/sign-in");
  };
  const choose = (wanted: string) => {
    applyTheme(wanted as Theme);
    setTheme(wanted as Theme);
  };
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button quiet account" aria-label={`Account: ${session.name}`}>
        <UserRound aria-hidden /> <span className="wide-only">{session.name}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" align="end" sideOffset={6}>
          <Menu.Label className="menu-label">Signed in as {session.name}</Menu.Label>
          <Menu.RadioGroup value={theme} onValueChange={choose} aria-label="Look">
            {(["system", "light", "dark"] as const).map((each) => (
              <Menu.RadioItem key={each} value={each} className="menu-item">
                <span className="menu-check" aria-hidden />
                {each === "system" ? "As the system" : each === "light" ? "Light" : "Dark"}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Separator className="menu-line" />
          <Menu.Item className="menu-item" onSelect={() => void signOut()}>
            <LogOut aria-hidden /> Sign out
          </Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
