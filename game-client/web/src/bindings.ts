// Which key does what, in words. What the actions are, game_client::keys says.

/** From `KeyboardEvent.code` to an action. */
export type Bindings = Record<string, string>;

/** Every action with its words, in the order in which they are listed, and its keys where nothing was changed. */
export const ACTIONS: readonly (readonly [action: string, words: string, ...codes: string[]])[] = [
  ["up", "Walk up", "KeyW", "ArrowUp"],
  ["down", "Walk down", "KeyS", "ArrowDown"],
  ["left", "Walk left", "KeyA", "ArrowLeft"],
  ["right", "Walk right", "KeyD", "ArrowRight"],
  ["turnLeft", "Turn the aim left", "KeyJ"],
  ["turnRight", "Turn the aim right", "KeyL"],
  ["fire", "Shoot", "Space"],
  ["place", "Build", "KeyE"],
  ["remove", "Take away", "KeyQ"],
  ["wall", "Build walls", "Digit1"],
  ["gate", "Build gates", "Digit2"],
  ["fence", "Build fences", "Digit3"],
];

/** The keys where nothing was changed. They are those of game_client::keys, for pages that have not loaded the game. */
export const DEFAULTS: Bindings = Object.fromEntries(
  ACTIONS.flatMap(([action, , ...codes]) => codes.map((code) => [code, action])),
);

/** Keys that the page keeps for itself. */
const KEPT = new Set(["Escape", "Tab", "F3", "F5", "F11", "F12", "Delete", "Backspace"]);

/** Whether this key takes an action's keys away while one is asked for. */
export function takesAway(code: string): boolean {
  return code === "Delete" || code === "Backspace";
}

export function wordsOf(action: string): string {
  return ACTIONS.find(([name]) => name === action)?.[1] ?? action;
}

export function mayBind(code: string): boolean {
  return code !== "" && !KEPT.has(code);
}

/** Gives a key to an action. Tells what it did before, if that was something else. */
export function bind(bindings: Bindings, code: string, action: string): { bindings: Bindings; before: string | null } {
  const before = bindings[code] ?? null;
  return { bindings: { ...bindings, [code]: action }, before: before === action ? null : before };
}

/** Takes every key of an action away. */
export function unbind(bindings: Bindings, action: string): Bindings {
  return Object.fromEntries(Object.entries(bindings).filter(([, does]) => does !== action));
}

/** What this build knows of bindings that another one may have kept. */
export function known(bindings: Record<string, unknown>): Bindings {
  const actions = new Set<unknown>(ACTIONS.map(([action]) => action));
  const good = Object.entries(bindings).filter(([code, action]) => mayBind(code) && actions.has(action));
  return Object.fromEntries(good) as Bindings;
}

/** Actions that no key does. */
export function unbound(bindings: Bindings): string[] {
  const bound = new Set(Object.values(bindings));
  return ACTIONS.map(([action]) => action).filter((action) => !bound.has(action));
}

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Space: "Space",
};

/** A key's name: as it is printed on this keyboard where the browser knows, and otherwise by its place. */
export function nameOf(code: string, layout: ReadonlyMap<string, string> | null): string {
  const printed = layout?.get(code);
  if (printed !== undefined) {
    return printed.toUpperCase();
  }
  return NAMES[code] ?? code.replace(/^(Key|Digit)/, "").replace(/(?<=[a-z])(?=[A-Z])/g, " ");
}

/** The keys of each action, in the order of the actions. */
export function listed(bindings: Bindings, layout: ReadonlyMap<string, string> | null): { action: string; words: string; keys: string[] }[] {
  return ACTIONS.map(([action, words]) => ({
    action,
    words,
    keys: Object.keys(bindings)
      .filter((code) => bindings[code] === action)
      .map((code) => nameOf(code, layout)),
  }));
}
