// The page: draws the lanes, moves through time, and says what is under the pointer.

/** Steps that are shown at least. */
const SPAN_MIN = 30;
const lanes = [];
const axis = document.getElementById("axis");
const tip = document.getElementById("tip");

function buildLanes() {
  const place = document.getElementById("lanes");
  place.replaceChildren();
  lanes.length = 0;
  for (const lane of [roomLane(), ...PLAYERS.map(playerLane)]) {
    const title = element("h3", lane.title, element("span", lane.says));
    const canvas = element("canvas", null);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${lane.title}: ${lane.says}`);
    const section = element("div", null, title, canvas);
    section.className = "lane";
    section.id = lane.title.toLowerCase().replace(" ", "-");
    place.append(section);
    lane.canvas = canvas;
    lane.height = lane.rows.reduce((height, row) => height + row.height, 0);
    canvas.style.height = `${lane.height}px`;
    lanes.push(lane);
    listen(canvas, lane);
  }
}

/** A canvas of the right size, and what draws on it. */
function penOf(canvas, height) {
  const [width, scale] = [canvas.clientWidth, window.devicePixelRatio || 1];
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  return [pen, width];
}

function drawLane(lane) {
  const [pen, width] = penOf(lane.canvas, lane.height);
  pen.fillStyle = theme.lane;
  pen.fillRect(GUTTER, 0, width - GUTTER - PAD, lane.height);
  clip(pen, 0, width, lane.height, () => {
    pen.fillStyle = theme.there;
    for (const [from, to] of lane.present) pen.fillRect(xOf(from, width), 0, xOf(to, width) - xOf(from, width), lane.height);
    pen.strokeStyle = theme.line;
    pen.lineWidth = 1;
    for (const { step } of ticks(width)) line(pen, [xOf(step, width), 0], [xOf(step, width), lane.height]);
    pen.setLineDash([3, 3]);
    pen.strokeStyle = theme.quiet;
    const begun = lane.connected.filter((step) => step >= view.from && step <= view.to);
    // More of them would cover the lane.
    if (begun.length * 30 < width) for (const step of begun) line(pen, [xOf(step, width), 0], [xOf(step, width), lane.height]);
    pen.setLineDash([]);
    if (selected !== null) {
      pen.strokeStyle = theme.accent;
      line(pen, [xOf(selected.step, width), 0], [xOf(selected.step, width), lane.height]);
    }
  });
  let top = 0;
  for (const row of lane.rows) {
    row.draw(pen, top, width);
    pen.fillStyle = theme.quiet;
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "left";
    const middle = top + row.height / 2 + 4;
    if (row.letter === undefined) {
      pen.fillText(row.name, 0, middle);
    } else {
      pen.fillText(row.name, 20, middle);
      pen.fillStyle = row.colour;
      pen.beginPath();
      pen.roundRect(0, middle - 11, 15, 15, 7.5);
      pen.fill();
      pen.fillStyle = row.ink;
      pen.font = "bold 10px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillText(row.letter, 7.5, middle);
    }
    top += row.height;
  }
}

/** Round times that stand some 100 pixels apart. */
function ticks(width) {
  const seconds = (view.to - view.from) / PER_SECOND;
  const apart = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((each) => (each / seconds) * (width - GUTTER) >= 90) ?? Math.ceil(seconds / 8);
  const each = apart * PER_SECOND;
  const found = [];
  for (let nth = Math.ceil((view.from - FIRST) / each); FIRST + nth * each <= view.to; nth += 1) found.push({ step: FIRST + nth * each });
  return found;
}

function drawAxis() {
  const [pen, width] = penOf(axis, 22);
  pen.fillStyle = theme.quiet;
  pen.font = "12px system-ui, sans-serif";
  pen.textAlign = "center";
  for (const { step } of ticks(width)) {
    const x = xOf(step, width);
    if (x < GUTTER - 1) continue;
    pen.textAlign = x > width - 40 ? "right" : "center";
    pen.fillText(clock(step), x, 15);
  }
}

let isDue = false;
function draw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    drawAxis();
    for (const lane of lanes) {
      const { top, bottom } = lane.canvas.getBoundingClientRect();
      if (bottom > -200 && top < window.innerHeight + 200) drawLane(lane);
    }
    const span = (view.to - view.from) / PER_SECOND;
    document.getElementById("range").textContent = `${clock(view.from)} to ${clock(Math.min(view.to, LAST))} (${span.toFixed(span < 10 ? 1 : 0)} s)`;
  });
}

function show(from, span) {
  const whole = LAST - FIRST;
  const kept = Math.min(Math.max(span, Math.min(SPAN_MIN, whole)), whole);
  view.from = Math.min(Math.max(from, FIRST), LAST - kept);
  view.to = view.from + kept;
  draw();
}

/** Zooms, and leaves a step where it is. */
function zoom(factor, around) {
  const span = view.to - view.from;
  const step = around ?? (selected !== null && selected.step >= view.from && selected.step <= view.to ? selected.step : view.from + span / 2);
  const kept = Math.min(Math.max(span * factor, SPAN_MIN), LAST - FIRST);
  show(step - ((step - view.from) / span) * kept, kept);
}

function move(part) {
  show(view.from + (view.to - view.from) * part, view.to - view.from);
}

function select(one) {
  selected = one;
  const span = Math.min(view.to - view.from, 30 * PER_SECOND);
  if (span < view.to - view.from || one.step < view.from || one.step > view.to) show(one.step - span / 2, span);
  const said = element("span", ` ${clock(one.step)}, step ${one.step}, player ${one.player}. ${sentence(one.says)} `);
  document.getElementById("chosen").replaceChildren(badge(one.cause), said, viewerLink(one.step, one.player));
  draw();
}

/** The correction behind or before the selected one, of those that the list shows. */
function go(by) {
  const all = filtered();
  if (all.length === 0) return;
  const at = selected === null ? -1 : all.indexOf(selected);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  select(all[next]);
  const section = document.getElementById(`player-${all[next].player}`);
  const { top, bottom } = section.getBoundingClientRect();
  if (top < 140 || bottom > window.innerHeight) section.scrollIntoView({ block: "center" });
}

function rowAt(lane, y) {
  let top = 0;
  for (const row of lane.rows) {
    if (y < top + row.height) return row;
    top += row.height;
  }
  return lane.rows[lane.rows.length - 1];
}

function listen(canvas, lane) {
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.offsetX < GUTTER) return;
    held = { x: event.offsetX, from: view.from, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held === null) return hover(event, lane);
    const by = event.offsetX - held.x;
    held.moved ||= Math.abs(by) > 3;
    tip.hidden = true;
    const span = view.to - view.from;
    show(held.from - (by / (canvas.clientWidth - GUTTER - PAD)) * span, span);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held !== null && !held.moved) {
      const one = rowAt(lane, event.offsetY).at(event.offsetX, canvas.clientWidth).find((found) => found.cause !== undefined);
      if (one !== undefined) select(one);
    }
    held = null;
  });
  for (const end of ["pointerleave", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      held = null;
      tip.hidden = true;
    });
  }
  canvas.addEventListener("wheel", (event) => {
    if (event.offsetX < GUTTER) return;
    event.preventDefault();
    tip.hidden = true;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return move((event.deltaX || event.deltaY) / 1000);
    zoom(1.0015 ** event.deltaY, stepOf(event.offsetX, canvas.clientWidth));
  }, { passive: false });
}

function hover(event, lane) {
  const width = lane.canvas.clientWidth;
  const step = Math.floor(stepOf(event.offsetX, width));
  if (event.offsetX < GUTTER || event.offsetX > width - PAD || step < FIRST || step >= LAST) {
    tip.hidden = true;
    return;
  }
  const row = rowAt(lane, event.offsetY);
  const told = row.tell(row.at(event.offsetX, width));
  const when = element("p", `${clock(step)}, step ${step}`);
  when.className = "when";
  const isDated = told[0]?.firstChild?.className === "when";
  tip.replaceChildren(...(isDated ? [] : [when]), ...told);
  tip.hidden = false;
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 16;
  const top = below + tip.offsetHeight > window.innerHeight ? event.clientY - tip.offsetHeight - 12 : below;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

const deeds = {
  in: () => zoom(0.5),
  out: () => zoom(2),
  left: () => move(-0.25),
  right: () => move(0.25),
  whole: () => show(FIRST, LAST - FIRST),
  previous: () => go(-1),
  next: () => go(1),
};
const keys = {
  "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "whole", p: "previous", P: "previous", n: "next", N: "next",
};

for (const [name, deed] of Object.entries(deeds)) document.getElementById(name).addEventListener("click", deed);
document.addEventListener("keydown", (event) => {
  const deed = keys[event.key];
  const isElsewhere = event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey;
  if (deed === undefined || isElsewhere) return;
  event.preventDefault();
  deeds[deed]();
});
window.addEventListener("resize", draw);
window.addEventListener("scroll", () => {
  tip.hidden = true;
  draw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  readTheme();
  buildLanes();
  draw();
});

readTheme();
buildLanes();
buildFilter();
showList();
show(FIRST, LAST - FIRST);
if (corrections.length === 0) for (const name of ["previous", "next"]) document.getElementById(name).disabled = true;
