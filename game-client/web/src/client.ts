// The game's module as the page knows it: the functions that it exports, and the shapes of what they say.

import type { Bindings } from "./bindings.js";
import { compileShown, SCRIPT } from "./loading.js";

export type Connection = "playing" | "connecting" | "over";

/** A player in the list: game_client::hud::Entry. */
export interface Entry {
  id: number;
  name: string;
  colour: number;
  score: number;
  deaths: number;
  connected: boolean;
  own: boolean;
}

/** A line about who shot whom: game_client::hud::Shooting. */
export interface Shooting {
  by: string;
  whom: string;
  own: boolean;
}

/** game_client::hud::CharacterEntry. */
export interface Character {
  characterId: string;
  name: string;
  body: number;
  colour: number;
}

/** What there is to say: game_client::hud::Reading. */
export interface Reading {
  connection: Connection;
  ping: number | null;
  fps: number;
  corrections: number;
  buffer: number;
  bufferTarget: number;
  interpolation: number;
  jitter: number;
  health: number | null;
  respawn: number | null;
  building: string;
  characters: Character[];
  character: string | null;
  players: Entry[];
  feed: Shooting[];
}

export type Next = "wait" | "reload" | "signIn" | "otherRoom";

/** A sentence for the player: game_client::words::Notice. */
export interface Notice {
  text: string;
  next: Next;
  lasting: boolean;
}

/** How the netcode is doing: game_client::timeline::NetcodeReading. */
export interface Netcode {
  snapshots: { age: number; mode: "full" | "delta"; bytes: number; delay: number }[];
  corrections: { age: number; cause: string; distance: number }[];
  correctionsTotal: number;
  correctionMax: number;
  interpolationDelay: number;
  jitter: number;
  ratePpm: number;
  unacked: number;
  buffer: number;
  bufferTarget: number;
  starved: number;
  dropped: number;
  stalls: number;
  resyncs: number;
  rtt: number | null;
  step: number;
  steps: number;
  connects: number;
}

/** What a recording is: game_client::viewer::Info, as far as the page shows it. */
export interface Info {
  room: string;
  build: string;
  firstStep: number;
  lastStep: number;
  stepsPerSecond: number;
  /** Somebody who came twice is in it twice. */
  players: { id: number; colour: number; body: number }[];
  keyframes: number[];
  damage: string[];
  shootings: { step: number; by: number; whom: number }[];
  surveyed: boolean;
  gaps: { first: number; steps: number }[];
}

/** What happened to a player: game_client::viewer::Told. Pairs begin with a step. */
export interface Told {
  moments: { step: number; what: string; cause: string | null; says: string }[];
  held: [number, number][];
  starved: [number, number][];
  dropped: [number, number][];
  roundTrips: [number, number][];
  slack: [number, number, number, number][];
}

/** Where the viewer is: game_client::viewer::Status. */
export interface Watching {
  step: number;
  playing: boolean;
  speed: number;
  follow: number | null;
  hash: string;
  checked: { hashes: number; hashesRecorded: number; digests: number; firstMismatch: number | null };
  ghosts: { player: number; distance: number | null }[];
}

export interface Looks {
  palette: "vivid" | "distinct";
  reducedMotion: boolean;
  bindings: Bindings | null;
}

/** The exports of game-client/src/browser. What is JSON says so in its name there. */
export interface Client {
  default: (from: { module_or_path: WebAssembly.Module }) => Promise<unknown>;
  play: (options: string, tokens?: (refused: boolean) => Promise<string | null>) => void;
  tick: () => void;
  reading: () => string | undefined;
  notices: () => string;
  resume_token: () => string | undefined;
  labels: () => Float32Array;
  settings: (settings: string) => void;
  default_bindings: () => string;
  key: (code: string, down: boolean) => boolean;
  release_all: () => void;
  leave_room: () => void;
  release_pointer: () => void;
  choose: (kind: string) => void;
  walk: (x: number, y: number) => void;
  touch_aim: (x: number, y: number, fire: boolean) => void;
  touch_place: () => void;
  touch_remove: () => void;
  save_character: (id: string, name: string, body: number, colour: number) => void;
  select_character: (id: string) => void;
  disturb: (latency: number, jitter: number) => void;
  stall: (length: number) => void;
  overlay: (shown: boolean) => void;
  netcode: () => string | undefined;
  watch: (options: string) => void;
  rules_of: (bytes: Uint8Array) => string;
  open_recording: (bytes: Uint8Array, kernel?: object) => void;
  recording: () => string | undefined;
  transport: (transport: string) => void;
  watching: () => string | undefined;
  told: (bytes: Uint8Array, player: number, kernel?: object) => string;
  verify: (bytes: Uint8Array, kernel?: object) => string;
}

/** Loads the game. What it cannot do without is told in a sentence. */
export async function load(): Promise<Client> {
  const canvas = document.createElement("canvas");
  if (canvas.getContext("webgl2") === null) {
    throw new Error("This browser cannot draw the game: it has no WebGL 2, or it is switched off. Try another browser.");
  }
  if (typeof WebAssembly !== "object") {
    throw new Error("This browser cannot run the game: it has no WebAssembly. Try another browser.");
  }
  try {
    const [client, module] = await Promise.all([import(SCRIPT) as Promise<Client>, compileShown()]);
    await client.default({ module_or_path: module });
    return client;
  } catch (error) {
    console.warn(error);
    throw new Error("The game could not be loaded. Look whether you are online, and try again.");
  }
}
