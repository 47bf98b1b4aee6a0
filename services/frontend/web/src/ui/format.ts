/** Numbers and times as people read them. */

const UNITS = ["B", "kB", "MB", "GB", "TB"];
const NUMBER = new Intl.NumberFormat("en");

export function bytes(size: number): string {
  const power = size < 1 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), UNITS.length - 1);
  const value = size / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[power] ?? ""}`;
}

export function count(value: number): string {
  return NUMBER.format(value);
}

export function seconds(value: number): string {
  if (value < 1) return "under 1 s";
  if (value < 90) return `${Math.round(value)} s`;
  return value < 5400 ? `${Math.round(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
}

/** A number of things, in words. */
export function several(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** A time that is not known exactly. */
export function about(value: number): string {
  return value < 1 ? "less than a second" : `about ${seconds(value)}`;
}

export function when(time: string | null | undefined): string {
  return time ? new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : "–";
}

export function score(value: number | null | undefined): string {
  return value == null ? "–" : value.toFixed(3);
}

export function milliseconds(value: number | null | undefined): string {
  if (value == null) return "–";
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

/** Words as they are, or that none are kept. */
export function words(text: string | null | undefined): string {
  return text || "(no words are kept)";
}
