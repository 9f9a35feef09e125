// The viewer: a recording is run again by the kernel that it names, step by step.

import { type Client, type Info, load, type Watching } from "./client.js";
import { fetchOf, offerRooms } from "./fetch.js";
import { find } from "./find.js";
import { kernelOf } from "./kernels.js";
import { drawLabels } from "./labels.js";
import { type Pointed, copy, pointedLink, pointedOfHash } from "./link.js";
import { prepareSettings, settingsNow } from "./settings.js";
import { placeOfStep } from "./timeline.js";
import { clockOf, prepareWhy } from "./why.js";

const READ_MS = 100;
/** A clip that is copied begins and ends so many seconds from the step at hand. */
const CLIP_SECONDS = 5;
/** A recording of hours is some megabytes. */
const BYTES_MAX = 512 * 1_024 * 1_024;

export async function showViewer(): Promise<void> {
  document.title = "Recording - Bitfort";
  const game = find("game", HTMLElement);
  game.dataset["shows"] = "viewer";
  game.hidden = false;
  find("viewer", HTMLElement).hidden = false;
  const loading = load();
  const opened = async (file: Blob, name: string): Promise<void> => {
    // Where it is seen: the first is hidden while a recording is shown.
    const errors = ["drop-error", "deck-error"].map((id) => find(id, HTMLElement));
    const say = (text: string): void => errors.forEach((error) => (error.textContent = text));
    say("");
    try {
      if (file.size > BYTES_MAX) {
        throw new Error(`${name} is larger than any recording. Choose a file that ends in .rec.`);
      }
      await open(await loading, new Uint8Array(await file.arrayBuffer()), name);
    } catch (reason) {
      say(reason instanceof Error ? reason.message : String(reason));
    }
  };
  prepareDrop(opened);
  offerRooms(opened);
  // What goes wrong is told now, not only when a file is opened.
  await loading;
  await fetchOf(new URLSearchParams(location.search), opened);
}

function prepareDrop(opened: (file: Blob, name: string) => Promise<void>): void {
  const drop = find("drop", HTMLElement);
  const file = find("file", HTMLInputElement);
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) {
      void opened(chosen, chosen.name);
    }
  });
  const viewer = find("viewer", HTMLElement);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", () => drop.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const [chosen] = event.dataTransfer?.files ?? [];
    if (chosen && !viewer.hidden) {
      void opened(chosen, chosen.name);
    }
  });
}

let watches = false;
let showOnDeck = (_info: Info, _bytes: Uint8Array): void => undefined;

async function open(client: Client, bytes: Uint8Array, name: string): Promise<void> {
  const kernel = await kernelOf(client, bytes);
  if (!watches) {
    watches = true;
    client.watch(JSON.stringify(settingsNow()));
    prepareSettings(client, () => undefined);
    find("canvas", HTMLCanvasElement).addEventListener("webglcontextlost", () => {
      find("deck-error", HTMLElement).textContent = "The browser has lost the picture. Load the page again to go on.";
    });
    showOnDeck = prepareDeck(client);
  }
  client.open_recording(bytes, kernel);
  const info = known(client);
  find("drop", HTMLElement).hidden = true;
  find("deck", HTMLElement).hidden = false;
  const length = (info.lastStep - info.firstStep) / info.stepsPerSecond;
  const asleep = info.gaps.reduce((steps, gap) => steps + gap.steps, 0) / info.stepsPerSecond;
  const said = [
    name,
    `room ${info.room || "unnamed"}`,
    `${length.toFixed(0)} s`,
    ...(asleep > 0 ? [`asleep for ${asleep.toFixed(0)} s of them`] : []),
    `${playersOf(info).length} players`,
    `build ${info.build || "unknown"}`,
    ...info.damage,
  ];
  find("deck-says", HTMLElement).textContent = said.join(" · ");
  find("deck-copied", HTMLElement).textContent = "";
  showOnDeck(info, bytes);
}

function known(client: Client): Info {
  return JSON.parse(client.recording() ?? "null") as Info;
}

/** Everybody's number, once. */
function playersOf(info: Info): number[] {
  return [...new Set(info.players.map(({ id }) => id))];
}

/** Makes the deck work. What it gives back puts a recording on it. */
function prepareDeck(client: Client): (info: Info, bytes: Uint8Array) => void {
  const play = find("to-play", HTMLButtonElement);
  const scrub = find("scrub", HTMLInputElement);
  const step = find("step", HTMLInputElement);
  const follow = find("follow", HTMLSelectElement);
  const speed = find("speed", HTMLSelectElement);
  const ghosts = find("ghosts", HTMLInputElement);
  const status = find("deck-status", HTMLElement);
  let now: Watching | null = null;
  const set = (what: object): void => client.transport(JSON.stringify(what));
  let info: Info | null = null;
  // What was read last may be a tenth of a second old.
  const fresh = (): Watching | null => JSON.parse(client.watching() ?? "null") as Watching | null;
  const toggle = (): void => set({ playing: !(fresh()?.playing ?? false) });
  play.addEventListener("click", toggle);
  scrub.addEventListener("input", () => set({ step: Number(scrub.value), playing: false }));
  step.addEventListener("change", () => set({ step: Number(step.value), playing: false }));
  speed.addEventListener("change", () => set({ speed: Number(speed.value) }));
  let bytes: Uint8Array | null = null;
  let clip: Pointed | null = null;
  const goTo = (to: number): void => set({ step: to, playing: false });
  const why = prepareWhy(client, () => info?.firstStep ?? 0, goTo);
  const followed = (): number | null => (follow.value === "" ? null : Number(follow.value));
  const followWhom = (): void => {
    set({ follow: followed() });
    why.about(bytes, followed());
  };
  follow.addEventListener("change", followWhom);
  ghosts.addEventListener("change", () => set({ ghosts: ghosts.checked }));
  const copyLink = (what: Pointed): void => {
    const link = pointedLink(location.href, what);
    history.replaceState(null, "", link);
    void copy(link).then((text) => {
      find("deck-copied", HTMLElement).textContent = text;
    });
  };
  find("copy-step", HTMLButtonElement).addEventListener("click", () => copyLink({ step: fresh()?.step ?? 0, to: null, player: followed() }));
  find("copy-clip", HTMLButtonElement).addEventListener("click", () => {
    const around = CLIP_SECONDS * (info?.stepsPerSecond ?? 0);
    const middle = fresh()?.step ?? 0;
    copyLink({ step: Math.max(middle - around, info?.firstStep ?? 0), to: Math.min(middle + around, info?.lastStep ?? 0), player: followed() });
  });
  addEventListener("keydown", (event) => {
    const on = event.target;
    const at = fresh();
    if (on instanceof HTMLInputElement || on instanceof HTMLSelectElement || at === null) {
      return;
    }
    const far = event.shiftKey ? (info?.stepsPerSecond ?? 1) : 1;
    if (event.code === "Space" && !(on instanceof HTMLButtonElement)) {
      event.preventDefault();
      toggle();
    } else if (event.code === "ArrowRight") {
      set({ step: at.step + far, playing: false });
    } else if (event.code === "ArrowLeft") {
      set({ step: at.step - far, playing: false });
    }
  });
  const pointed = (): void => {
    const wanted = pointedOfHash(location.hash);
    if (wanted === null) {
      return;
    }
    if (wanted.player !== null && [...follow.options].some(({ value }) => value === `${wanted.player}`)) {
      follow.value = `${wanted.player}`;
      followWhom();
    }
    clip = wanted.to === null ? null : wanted;
    set({ step: wanted.step, playing: clip !== null });
  };
  addEventListener("hashchange", pointed);
  setInterval(() => {
    now = fresh();
    if (now === null) {
      return;
    }
    // A clip ends once; who goes on, or elsewhere, is not stopped again.
    if (clip?.to !== undefined && clip.to !== null && now.step >= clip.to) {
      if (now.playing) {
        set({ step: clip.to, playing: false });
      }
      clip = null;
    }
    const perSecond = info?.stepsPerSecond ?? 60;
    find("clock", HTMLOutputElement).textContent = clockOf(now.step, info?.firstStep ?? 0, perSecond);
    why.at(now.step, perSecond);
    play.textContent = now.playing ? "Pause" : "Play";
    if (document.activeElement !== step) {
      step.value = `${now.step}`;
    }
    scrub.value = `${now.step}`;
    scrub.setAttribute("aria-valuetext", `step ${now.step}`);
    if (info !== null && !info.surveyed) {
      info = known(client);
      drawMarks(info);
    }
    const { checked } = now;
    const ghost = now.ghosts.find(({ player }) => player === now?.follow);
    status.textContent = [
      `hash ${now.hash}`,
      checked.firstMismatch === null
        ? `${checked.hashes} of ${checked.hashesRecorded} recorded hashes compared, all equal`
        : `the rerun differs from the recording at step ${checked.firstMismatch}`,
      ...(ghost === undefined ? [] : [predicted(ghost.distance)]),
    ].join(" · ");
  }, READ_MS);
  const frame = (): void => {
    drawLabels(client.labels(), (id) => ({ name: `player ${id}`, own: id === now?.follow, connected: true }));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return (opened, from) => {
    info = opened;
    bytes = from;
    clip = null;
    for (const input of [scrub, step]) {
      input.min = `${opened.firstStep}`;
      input.max = `${opened.lastStep}`;
    }
    follow.replaceChildren(new Option("nobody", ""));
    for (const id of playersOf(opened)) {
      follow.append(new Option(`player ${id}`, `${id}`));
    }
    drawMarks(opened);
    const first = opened.players[0]?.id ?? null;
    set({ playing: pointedOfHash(location.hash) === null, speed: Number(speed.value), follow: first, ghosts: ghosts.checked });
    follow.value = first === null ? "" : `${first}`;
    why.about(bytes, first);
    pointed();
  };
}

function predicted(distance: number | null): string {
  return distance === null
    ? "it is not known what this player's client predicted"
    : `this player's client predicted ${distance.toFixed(3)} cells from here`;
}

/** Where keyframes are, and where somebody was shot down. */
function drawMarks(info: Info): void {
  const canvas = find("marks", HTMLCanvasElement);
  const context = canvas.getContext("2d");
  if (context === null) {
    return;
  }
  const place = (step: number): number => placeOfStep(step, info.firstStep, info.lastStep, canvas.width);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#55637a";
  for (const step of info.keyframes) {
    context.fillRect(place(step), 6, 2, 8);
  }
  context.fillStyle = "#ff5d5d";
  for (const { step } of info.shootings) {
    context.fillRect(place(step) - 1, 0, 3, 6);
  }
}
