/** Light, dark, or what the system says. */
export type Theme = "system" | "light" | "dark";

const KEY = "ragworks.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function savedTheme(): Theme {
  const saved = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === saved) ?? "system";
}

export function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
