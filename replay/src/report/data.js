// What the page knows: the report, with its numbers as steps.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const FIRST = data.recording.firstStep;
const LAST = data.recording.lastStep + 1;
const PER_SECOND = data.stepsPerSecond;

// A colour for each cause that colour-blind people tell apart (Okabe and Ito), and a letter for everybody.
const CAUSES = data.causes.map((name, nth) => ({
  name,
  letter: ["S", "D", "U", "H", "R", "C", "?"][nth],
  colour: ["#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#0072b2", "#8a8f98"][nth],
  ink: ["#000", "#fff", "#000", "#000", "#000", "#fff", "#000"][nth],
}));

/** The sentence that these phrases are. */
function sentence(phrases) {
  return phrases.map((place) => data.phrases[place]).join(". ");
}

/** Minutes and seconds from the beginning. */
function clock(step) {
  const tenths = Math.floor(((Math.max(step, FIRST) - FIRST) * 10) / PER_SECOND);
  const seconds = String(Math.floor(tenths / 10) % 60).padStart(2, "0");
  return `${Math.floor(tenths / 600)}:${seconds}.${tenths % 10}`;
}

function count(number, of) {
  return `${number} ${of}${number === 1 ? "" : "s"}`;
}

function millis(steps) {
  return Math.round((steps * 1000) / PER_SECOND);
}

const COSTS = {
  steps: data.costs.steps,
  micros: data.costs.numbers.map((units) => units / 100),
};

const STALLS = data.stalls.map(([step, ms]) => ({
  step,
  ms,
  says: `The room itself was late: it ran a tick ${ms} ms after it was due.`,
}));

/** Corrections of all players, in the order of their steps. */
const corrections = [];

const PLAYERS = data.players.map((of) => {
  const id = of.sum.player;
  const player = {
    id,
    sum: of.sum,
    present: of.present,
    marks: of.marks,
    connected: of.connected,
    corrections: of.corrections.map(([step, cause, origin, cells, says]) => ({ player: id, step, cause, origin, cells, says })),
    starved: of.starved.map(([step, steps, says]) => ({ step, steps, says })),
    lost: of.lost.map(([step, inputs, says]) => ({ step, inputs, says })),
    snapshots: [],
    slack: [],
    trips: [],
  };
  for (let at = 0, last = FIRST; at < of.snapshots.length; at += 2) {
    const step = last + of.snapshots[at];
    last = step + (of.snapshots[at + 1] - 1) * data.stepsPerSnapshot;
    player.snapshots.push({ step, last });
  }
  for (let at = 0, step = FIRST; at < of.slack.length; at += 4) {
    step += of.slack[at];
    player.slack.push({ step, steps: of.slack[at + 1], least: of.slack[at + 2], mean: of.slack[at + 3] / 10 });
  }
  const { steps, numbers } = of.roundTrips;
  for (let at = 0, piece = 0; at < numbers.length; at += 3) {
    piece += numbers[at];
    player.trips.push({ step: FIRST + piece * steps, steps, median: millis(numbers[at + 1]), longest: millis(numbers[at + 2]) });
  }
  corrections.push(...player.corrections);
  return player;
});
corrections.sort((one, other) => one.step - other.step || one.player - other.player);

/** The first place whose step is not before this one. */
function placeOf(list, step) {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (list[middle].step < step) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** What of a list lies in these steps, and one neighbour at each end. */
function within(list, from, to) {
  return list.slice(Math.max(0, placeOf(list, from) - 1), placeOf(list, to) + 1);
}

/** The value that so many of a hundred are not above. */
function percentile(values, percent) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

/** The address of a player's step in the viewer; none if it was not said where the viewer is. */
function addressOf(step, player) {
  return data.viewer === null ? null : `${data.viewer}#step=${step}&player=${player}`;
}

/** An element with a text and children. */
function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== null) made.textContent = text;
  made.append(...children);
  return made;
}

/** The letter of a cause on its colour. */
function badge(cause) {
  const made = element("span", CAUSES[cause].letter);
  made.className = "badge";
  made.style.background = CAUSES[cause].colour;
  made.style.color = CAUSES[cause].ink;
  made.setAttribute("aria-hidden", "true");
  return made;
}

/** A link to a player's step in the viewer, or nothing. */
function viewerLink(step, player) {
  const address = addressOf(step, player);
  if (address === null) return "";
  const link = element("a", "in the viewer");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}
