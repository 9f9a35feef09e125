// How the netcode is doing, for engineers: F3 shows numbers and a timeline here, and ghost and corrections in the arena.

import type { Client, Netcode } from "./client.js";
import { find } from "./find.js";
import { barHeight, placeOf } from "./timeline.js";

/** How often it is drawn. */
const DRAW_MS = 100;

const panel = find("overlay", HTMLElement);
const canvas = find("timeline", HTMLCanvasElement);

export function prepareOverlay(client: Client): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const show = (shown: boolean): void => {
    panel.hidden = !shown;
    client.overlay(shown);
    clearInterval(timer);
    if (shown) {
      timer = setInterval(() => {
        const text = client.netcode();
        if (text !== undefined) {
          draw(JSON.parse(text) as Netcode);
        }
      }, DRAW_MS);
    }
  };
  addEventListener("keydown", (event) => {
    if (event.key === "F3") {
      // The browser would search.
      event.preventDefault();
      show(panel.hidden);
    }
  });
  const latency = find("latency", HTMLInputElement);
  const jitter = find("jitter", HTMLInputElement);
  const disturb = (): void => {
    find("latency-says", HTMLOutputElement).value = `${latency.value} ms`;
    find("jitter-says", HTMLOutputElement).value = `${jitter.value} ms`;
    client.disturb(Number(latency.value), Number(jitter.value));
  };
  latency.addEventListener("input", disturb);
  jitter.addEventListener("input", disturb);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-stall]")) {
    button.addEventListener("click", () => client.stall(Number(button.dataset["stall"])));
  }
}

function draw(netcode: Netcode): void {
  drawTimeline(netcode);
  const ms = (value: number | null): string => (value === null ? "-" : `${value.toFixed(0)} ms`);
  const numbers: [string, string][] = [
    ["round trip", ms(netcode.rtt)],
    ["rate", `${netcode.ratePpm >= 0 ? "+" : ""}${(netcode.ratePpm / 10_000).toFixed(2)} %`],
    ["jitter", ms(netcode.jitter)],
    ["interpolation", ms(netcode.interpolationDelay)],
    ["unacked", `${netcode.unacked}`],
    ["buffer", `${netcode.buffer} of ${netcode.bufferTarget}`],
    ["starved", `${netcode.starved}`],
    ["dropped", `${netcode.dropped}`],
    ["corrections", `${netcode.correctionsTotal}`],
    ["largest", `${netcode.correctionMax.toFixed(3)}`],
    ["stalls", `${netcode.stalls}`],
    ["resyncs", `${netcode.resyncs}`],
    ["step", `${netcode.step}`],
    ["predicted", `${netcode.steps}`],
  ];
  const list = find("overlay-numbers", HTMLElement);
  if (list.children.length === 0) {
    list.append(
      ...numbers.flatMap(([name]) => {
        const [term, value] = [document.createElement("dt"), document.createElement("dd")];
        term.textContent = name;
        return [term, value];
      }),
    );
  }
  const values = list.querySelectorAll("dd");
  numbers.forEach(([, value], at) => {
    const where = values[at];
    if (where && where.textContent !== value) {
      where.textContent = value;
    }
  });
  const lines = netcode.corrections.slice(-3).map(({ age, cause, distance }) => {
    const line = document.createElement("li");
    line.textContent = `${(age / 1_000).toFixed(1)} s ago: ${cause}, ${distance.toFixed(3)} cells`;
    return line;
  });
  find("overlay-corrections", HTMLElement).replaceChildren(...lines);
}

/** A bar for each snapshot: where it came, how large it was, and in red how late it was. */
function drawTimeline(netcode: Netcode): void {
  const context = canvas.getContext("2d");
  if (context === null) {
    return;
  }
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  context.fillStyle = "#2c3646";
  for (let second = 1; second < 10; second += 1) {
    context.fillRect(placeOf(second * 1_000, width), 0, 1, height);
  }
  for (const { age, mode, bytes, delay } of netcode.snapshots) {
    const x = placeOf(age, width);
    const tall = barHeight(bytes, height * 0.55);
    context.fillStyle = mode === "full" ? "#ffc64b" : "#3fd9d0";
    context.fillRect(x - 1, height - tall, 2, tall);
    context.fillStyle = "#ff8f8f";
    context.fillRect(x - 1, 2, 2, Math.min(height * 0.4, delay / 5));
  }
  context.fillStyle = "#ff5d5d";
  for (const { age } of netcode.corrections) {
    context.fillRect(placeOf(age, width) - 1, 0, 3, height);
  }
}
