// The numbers, lists and sentences around the picture. Only what has changed is written, so that a screen reader is told of
// changes and of nothing else.

import type { Client, Entry, Reading, Shooting } from "./client.js";
import { find } from "./find.js";
import { isolated } from "./isolate.js";
import { colour, type Palette } from "./palette.js";
import { qualityOf } from "./quality.js";
import { rowsOf } from "./rows.js";

/** How long a sentence stands. */
const MENTIONED_MS = 2_500;

const ping = find("ping", HTMLElement);
const fps = find("fps", HTMLElement);
const corrections = find("corrections", HTMLElement);
const buffer = find("buffer", HTMLElement);
const line = find("line", HTMLElement);
const health = find("health", HTMLElement);
const feed = find("feed", HTMLOListElement);
const hint = find("hint", HTMLElement);
const players = find("players", HTMLTableElement);
const tools = [...document.querySelectorAll<HTMLButtonElement>("#tools button")];

export function prepareHud(client: Client): void {
  for (const tool of tools) {
    tool.addEventListener("click", () => {
      client.choose(tool.dataset["kind"] ?? "");
      find("canvas", HTMLCanvasElement).focus();
    });
  }
}

function say(where: HTMLElement, text: string): void {
  if (where.textContent !== text) {
    where.textContent = text;
  }
}

export function show(reading: Reading, palette: Palette): void {
  say(ping, reading.ping === null ? "-" : `${reading.ping} ms`);
  say(fps, `${reading.fps} /s`);
  say(corrections, `${reading.corrections} /min`);
  say(buffer, `${reading.buffer} of ${reading.bufferTarget}`);
  const { quality, why } = qualityOf(reading);
  line.dataset["quality"] = quality;
  say(line, why === "" ? `Line: ${quality}` : `Line: ${quality}, ${why}`);
  const left = reading.health ?? 0;
  health.setAttribute("aria-valuenow", `${left}`);
  health.dataset["level"] = left >= 65 ? "much" : left >= 35 ? "some" : "little";
  health.style.setProperty("--health", `${left}%`);
  if (reading.respawn !== null) {
    clearTimeout(hides);
    say(hint, `Shot down. Back in ${Math.max(1, Math.ceil(reading.respawn / 1_000))} s.`);
  } else if (hint.textContent?.startsWith("Shot down.")) {
    say(hint, "");
  }
  for (const tool of tools) {
    const checked = `${tool.dataset["kind"] === reading.building}`;
    if (tool.getAttribute("aria-checked") !== checked) {
      tool.setAttribute("aria-checked", checked);
    }
  }
  listPlayers(reading.players, palette);
  listFeed(reading.feed);
}

let shown = "";

const small = matchMedia("(max-width: 46rem), (max-height: 30rem)");
/** Rows of the list, so that it covers no more than a corner. */
const ROWS_MAX = 10;
const ROWS_SMALL_MAX = 4;

function listPlayers(entries: Entry[], palette: Palette): void {
  const most = small.matches ? ROWS_SMALL_MAX : ROWS_MAX;
  const now = JSON.stringify([entries, palette, most]);
  if (now === shown) {
    return;
  }
  shown = now;
  const listed = rowsOf(entries, most);
  const rows = listed.map((entry) => {
    const row = document.createElement("tr");
    row.classList.toggle("own", entry.own);
    row.classList.toggle("away", !entry.connected);
    const name = document.createElement("th");
    name.scope = "row";
    name.style.setProperty("--colour", colour(palette, entry.colour));
    name.append(isolated(entry.name), entry.connected ? "" : " (away)");
    const cells = [entry.score, entry.deaths].map((value) => {
      const cell = document.createElement("td");
      cell.textContent = `${value}`;
      return cell;
    });
    row.append(name, ...cells);
    return row;
  });
  if (listed.length < entries.length) {
    const row = document.createElement("tr");
    const more = document.createElement("td");
    more.colSpan = 3;
    more.textContent = `and ${entries.length - listed.length} more`;
    row.append(more);
    rows.push(row);
  }
  players.tBodies[0]?.replaceChildren(...rows);
}

let fed = "[]";

function listFeed(lines: Shooting[]): void {
  const now = JSON.stringify(lines);
  if (now === fed) {
    return;
  }
  fed = now;
  const items = lines.map(({ by, whom, own }) => {
    const item = document.createElement("li");
    item.classList.toggle("own", own);
    item.append(isolated(by), " shot ", isolated(whom), " down");
    return item;
  });
  feed.replaceChildren(...items);
}

let hides: ReturnType<typeof setTimeout> | undefined;

/** A sentence that goes away by itself. */
export function mention(text: string): void {
  say(hint, text);
  clearTimeout(hides);
  hides = setTimeout(() => say(hint, ""), MENTIONED_MS);
}
