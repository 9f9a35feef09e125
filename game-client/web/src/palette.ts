// Players' colours. They are those of game-client/src/art/palette.rs; a test there holds the two lists together.

export const VIVID = [
  "#ff5d5d", "#4fa8ff", "#5fd37a", "#ffc64b", "#b986ff", "#3fd9d0", "#ff8f3f", "#ff7fc4",
  "#a9d83f", "#7d8cff", "#d9a066", "#e8eef5", "#c23f6d", "#2f8f63", "#e6e66a", "#8fa3b8",
] as const;

export const DISTINCT = [
  "#ff9f00", "#3a6ca8", "#ffd587", "#a4b8b1", "#cb1a00", "#b848ff", "#7ac9fb", "#666352",
  "#ff1877", "#ad8dba", "#e6ff26", "#c8ffff", "#c59c4a", "#8502fa", "#41ffbe", "#869dff",
] as const;

const VIVID_NAMES = [
  "red", "blue", "green", "gold", "violet", "turquoise", "orange", "pink",
  "lime", "periwinkle", "tan", "white", "crimson", "pine", "yellow", "slate",
] as const;

const DISTINCT_NAMES = [
  "orange", "steel blue", "cream", "sage", "brick", "violet", "sky blue", "olive",
  "magenta", "mauve", "lemon", "ice", "ochre", "indigo", "mint", "lavender",
] as const;

export type Palette = "vivid" | "distinct";

export function colour(palette: Palette, number: number): string {
  const colours = palette === "vivid" ? VIVID : DISTINCT;
  return colours[number % colours.length] ?? VIVID[0];
}

export function colourName(palette: Palette, number: number): string {
  const names = palette === "vivid" ? VIVID_NAMES : DISTINCT_NAMES;
  return names[number % names.length] ?? VIVID_NAMES[0];
}

export const COLOURS = VIVID.length;

/** Bodies by their numbers: what they are called, and their outlines in a square from -10 to 10. */
export const BODIES: readonly (readonly [name: string, path: string])[] = [
  ["round", "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0z"],
  ["square", "M-7-5a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-10a2 2 0 0 1-2-2z"],
  ["hexagon", "M-8 0l4-7h8l4 7l-4 7h-8z"],
  ["wedge", "M-6-8l14 8l-14 8z"],
  ["diamond", "M0-9l9 9l-9 9l-9-9z"],
  ["flower", "M0-8l2.2 2.7l3.5-.4l-.4 3.5l2.7 2.2l-2.7 2.2l.4 3.5l-3.5-.4l-2.2 2.7l-2.2-2.7l-3.5.4l.4-3.5l-2.7-2.2l2.7-2.2l-.4-3.5l3.5.4z"],
  ["drop", "M9 0c-4 3-5 7-10 7a7 7 0 1 1 0-14c5 0 6 4 10 7z"],
  ["cross", "M-3-8h6v5h5v6h-5v5h-6v-5h-5v-6h5z"],
];

/** A body in a colour, to look at. */
export function drawing(palette: Palette, body: number, number: number): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "-11 -11 22 22");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", BODIES[body % BODIES.length]?.[1] ?? "");
  path.setAttribute("fill", colour(palette, number));
  path.setAttribute("stroke", "#0b0e14");
  path.setAttribute("stroke-width", "1.5");
  svg.append(path);
  return svg;
}
