/** How a source's place is written, and read from the form that declares one. */
import type { CreateSource, Source } from "../../api/types";

export type Config = Source["config"];

/** What a form declares; what it leaves out the platform decides. */
export type NewSource = Pick<CreateSource, "name" | "collection"> & {
  config: { kind: Kind; path?: string; connector?: string; url?: string; branch?: string | null; endpoint_url?: string | null };
  include: string[];
  exclude: string[];
  schedule: { every_seconds: number } | { cron: string } | null;
};

/** Kinds that a form can declare; uploaded files become sources by the command line. */
export const KINDS = [
  ["folder", "Folder", "Absolute path, on the machine that ingests", "/srv/handbook"],
  ["web", "Web site", "Address where it begins", "https://handbook.example.org/"],
  ["git", "Git repository", "Address, or absolute path", "https://git.example.org/handbook.git"],
  ["connector", "Connector", "Name of a declared connector that has a sync", "mailbox"],
  ["bucket", "Bucket", "Address below which objects are read", "s3://bucket/prefix"],
] as const;

export type Kind = (typeof KINDS)[number][0];

export function placeOf(config: Config): string {
  if ("file_ids" in config) return `${config.file_ids.length} uploaded files`;
  if ("path" in config) return config.path;
  return "connector" in config ? config.connector : config.url;
}

export function scheduleWords(schedule: Source["schedule"]): string {
  if (!schedule) return "by hand";
  return schedule.cron ? `cron ${schedule.cron} (UTC)` : `every ${duration(schedule.every_seconds ?? 0)}`;
}

/** What the form says, as the platform wants it. */
export function sourceOf(form: FormData): NewSource {
  const text = textOf(form);
  return { name: text("name"), collection: text("collection"), config: configOf(text("kind") as Kind, text), ...habitsOf(form) };
}

/** What of a source can be changed: which items it has, and when it is synced. */
export function habitsOf(form: FormData): Pick<NewSource, "include" | "exclude" | "schedule"> {
  const text = textOf(form);
  return { include: globs(text("include")), exclude: globs(text("exclude")), schedule: scheduleOf(text("every"), text("cron")) };
}

function textOf(form: FormData): (name: string) => string {
  return (name) => String(form.get(name) ?? "").trim();
}

function configOf(kind: Kind, text: (name: string) => string): NewSource["config"] {
  const place = text("place");
  if (kind === "folder") return { kind, path: place };
  if (kind === "connector") return { kind, connector: place };
  if (kind === "git") return { kind, url: place, branch: text("branch") || null };
  if (kind === "bucket") return { kind, url: place, endpoint_url: text("endpoint") || null };
  return { kind, url: place };
}

function scheduleOf(hours: string, cron: string): NewSource["schedule"] {
  if (cron) return { cron };
  return hours ? { every_seconds: Math.round(Number(hours) * 3600) } : null;
}

function globs(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function duration(seconds: number): string {
  const [size, unit] = seconds % 86_400 === 0 ? [86_400, "d"] : seconds % 3600 === 0 ? [3600, "h"] : [60, "min"];
  return `${seconds / Number(size)} ${unit}`;
}
