// The lanes: one of the room and one of each player, in rows that draw themselves and say what is under the pointer.

/** Pixels left of the lanes, for the names of their rows. */
const GUTTER = 128;
const PAD = 10;
/** A cell of marks: what lies closer together is one mark with a number. */
const CELL = 16;

const view = { from: FIRST, to: LAST };
let theme = {};
let selected = null;

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ground", "lane", "there", "text", "quiet", "line", "first", "second", "bad", "late", "accent"];
  theme = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const xOf = (step, width) => GUTTER + ((step - view.from) / (view.to - view.from)) * (width - GUTTER - PAD);
const stepOf = (x, width) => view.from + ((x - GUTTER) / (width - GUTTER - PAD)) * (view.to - view.from);

/** Things of a list, those together that are nearer than a mark is wide. They stand where the first one is. */
function cells(list, width) {
  const apart = stepOf(GUTTER + CELL, width) - view.from;
  const found = [];
  // From the beginning of the list on, so that moving does not put them together anew.
  for (const one of list) {
    if (one.step > view.to) break;
    const last = found[found.length - 1];
    if (last !== undefined && one.step - last.all[0].step < apart) last.all.push(one);
    else found.push({ all: [one] });
  }
  const shown = found.slice(found.findIndex(({ all }) => all[0].step >= view.from));
  if (shown.length === 0 || shown[0].all[0].step < view.from) return [];
  return shown.map(({ all }) => ({ x: xOf(all[0].step, width), all }));
}

/** A row of marks with a letter, or with their number where several are in one place. */
function markRow(name, list, { colour, ink, letter, says }) {
  return {
    name,
    letter,
    colour,
    ink,
    height: 18,
    draw(pen, top, width) {
      for (const { x, all } of cells(list, width)) {
        const text = all.length === 1 ? letter : all.length > 99 ? "99+" : String(all.length);
        const side = all.length > 99 ? 22 : 15;
        pen.fillStyle = colour;
        pen.beginPath();
        pen.roundRect(x - side / 2, top + 1.5, side, 15, all.length === 1 ? 7.5 : 3);
        pen.fill();
        if (all.includes(selected)) {
          pen.strokeStyle = theme.text;
          pen.lineWidth = 2;
          pen.stroke();
        }
        pen.fillStyle = ink;
        pen.font = "bold 10px system-ui, sans-serif";
        pen.textAlign = "center";
        pen.fillText(text, x, top + 12.5);
      }
    },
    at(x, width) {
      const near = cells(list, width).filter((cell) => Math.abs(cell.x - x) <= CELL / 2 + 2);
      near.sort((one, other) => Math.abs(one.x - x) - Math.abs(other.x - x));
      return near[0]?.all ?? [];
    },
    tell: (found) => tellSome(found, says),
  };
}

/** The largest of what is in one place, and how many more there are. */
function tellSome(found, says) {
  if (found.length === 0) return [];
  const some = [...found].sort((one, other) => (other.cells ?? 0) - (one.cells ?? 0)).slice(0, 3);
  const told = some.map((one) => element("div", null, element("p", `${clock(one.step)}, step ${one.step}`), ...says(one)));
  for (const one of told) one.firstChild.className = "when";
  if (found.length > some.length) {
    const [first, last] = [found[0], found[found.length - 1]];
    told.push(element("p", `and ${found.length - some.length} more from ${clock(first.step)} to ${clock(last.step)}; zoom in to tell them apart`));
  }
  return told;
}

function saysCorrection(one) {
  const cause = element("p", ` ${CAUSES[one.cause].name}; origin: ${data.origins[one.origin]}; ${one.cells.toFixed(2)} cells`);
  cause.prepend(badge(one.cause));
  return [cause, element("p", sentence(one.says))];
}

/** A row of bars. Where several lie on one pixel, it is as dark as they fill it. */
function barRow(name, height, list, { colour, least, end, says }) {
  return {
    name,
    height,
    draw(pen, top, width) {
      const filled = new Float32Array(width);
      for (const one of within(list, view.from, view.to)) {
        const left = Math.max(GUTTER, xOf(one.step, width));
        const right = Math.min(width - PAD, Math.max(xOf(end(one), width), left + least));
        for (let x = Math.floor(left); x < right; x += 1) filled[x] += Math.min(right, x + 1) - Math.max(left, x);
      }
      pen.fillStyle = theme[colour];
      for (let x = GUTTER; x < width - PAD; x += 1) {
        if (filled[x] === 0) continue;
        pen.globalAlpha = Math.min(1, Math.max(0.3, filled[x]));
        pen.fillRect(x, top + 2, 1, height - 4);
      }
      pen.globalAlpha = 1;
    },
    at(x, width) {
      const [from, to] = [stepOf(x - 4, width), stepOf(x + 4, width)];
      return within(list, from, to).filter((one) => one.step <= to && end(one) >= from);
    },
    tell: (found) => tellSome(found, says),
  };
}

/** A row of two lines over the same pieces, the second one quieter. */
function lineRow(name, list, { first, second, low, high, unit, says }) {
  const height = 42;
  return {
    name,
    height,
    draw(pen, top, width) {
      const y = (value) => top + 4 + (height - 8) * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
      const shown = within(list, view.from, view.to);
      clip(pen, top, width, height, () => {
        pen.strokeStyle = theme.line;
        pen.lineWidth = 1;
        line(pen, [GUTTER, y(0)], [width, y(0)]);
        if (low < 0) {
          pen.fillStyle = theme.late;
          for (const one of shown.filter((one) => one[second] < 0)) {
            const x = xOf(one.step, width);
            pen.fillRect(x, y(0), xOf(one.step + one.steps, width) - x, y(one[second]) - y(0));
          }
        }
        for (const [which, colour, thickness] of [[second, theme.second, 1], [first, theme.first, 1.6]]) {
          pen.strokeStyle = colour;
          pen.lineWidth = thickness;
          pen.beginPath();
          let before = null;
          for (const one of shown) {
            const [x, to] = [xOf(one.step, width), xOf(one.step + one.steps, width)];
            if (before === null || one.step - before > PER_SECOND) pen.moveTo(x, y(one[which]));
            else pen.lineTo(x, y(one[which]));
            pen.lineTo(Math.max(x + 0.5, to), y(one[which]));
            before = one.step + one.steps;
          }
          pen.stroke();
        }
      });
      marksOfAxis(pen, top, height, [`${high}`, `${low} ${unit}`]);
    },
    at(x, width) {
      const step = stepOf(x, width);
      const place = placeOf(list, step + 1) - 1;
      const one = list[place];
      return one !== undefined && step - one.step < one.steps + PER_SECOND ? [one] : [];
    },
    tell: (found) => found.map((one) => element("p", says(one))),
  };
}

/** The dearest step of each pixel. */
function costRow() {
  const height = 58;
  const usual = percentile(COSTS.micros.filter((micros) => micros > 0), 99);
  const most = COSTS.micros.reduce((most, micros) => Math.max(most, micros), 0);
  const high = Math.max(0.1, Math.min(most, usual * 3));
  const pieceOf = (step) => Math.floor((step - FIRST) / COSTS.steps);
  const dearest = (from, to) => {
    let micros = 0;
    for (let at = Math.max(0, pieceOf(from)); at <= Math.min(COSTS.micros.length - 1, pieceOf(to)); at += 1) micros = Math.max(micros, COSTS.micros[at]);
    return micros;
  };
  return {
    name: "step cost",
    height,
    draw(pen, top, width) {
      for (let x = GUTTER; x < width - PAD; x += 1) {
        const micros = dearest(stepOf(x, width), stepOf(x + 1, width) - 0.001);
        const tall = (height - 6) * Math.min(1, micros / high);
        pen.fillStyle = theme.first;
        pen.fillRect(x, top + height - 2 - tall, 1, tall);
        if (micros > high) {
          pen.fillStyle = theme.bad;
          pen.fillRect(x - 1, top + 2, 3, 5);
        }
      }
      marksOfAxis(pen, top, height, [`${high.toPrecision(2)}`, "0 us"]);
    },
    at: (x, width) => [{ step: stepOf(x, width), micros: dearest(stepOf(x - 1, width), stepOf(x + 1, width)) }],
    tell: ([one]) => {
      const over = one.micros > high ? "; the scale ends below it" : "";
      return [element("p", one.micros > 0 ? `The dearest step here cost ${one.micros.toFixed(2)} us${over}` : "The room did no step here")];
    },
  };
}

function line(pen, [x, y], [toX, toY]) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(toX, toY);
  pen.stroke();
}

function clip(pen, top, width, height, draw) {
  pen.save();
  pen.beginPath();
  pen.rect(GUTTER, top, width - GUTTER - PAD, height);
  pen.clip();
  draw();
  pen.restore();
}

/** The ends of a row's scale, right of its name. */
function marksOfAxis(pen, top, height, [high, low]) {
  pen.fillStyle = theme.quiet;
  pen.font = "10px system-ui, sans-serif";
  pen.textAlign = "right";
  pen.fillText(high, GUTTER - 6, top + 11);
  pen.fillText(low, GUTTER - 6, top + height - 3);
}

function roomLane() {
  const rows = [costRow()];
  if (STALLS.length > 0) {
    const says = (one) => [element("p", one.says)];
    rows.push(markRow("room was late", STALLS, { colour: "#d55e00", ink: "#fff", letter: "!", says }));
  }
  const { p50, p99, max } = data.recording.stepNs;
  const micros = (nanos) => `${(nanos / 1000).toFixed(2)} us`;
  const late = STALLS.length === 0 ? "never late" : `late ${count(STALLS.length, "time")}, ${data.recording.stallMaxMs} ms at most`;
  return { title: "Room", says: `${late}; a step cost ${micros(p50)} (p50), ${micros(p99)} (p99), ${micros(max)} (max)`, rows, present: [[FIRST, LAST]], connected: [] };
}

function playerLane(player) {
  const rows = CAUSES.map((cause, nth) => {
    const list = player.corrections.filter((one) => one.cause === nth);
    return list.length === 0 ? null : markRow(cause.name, list, { ...cause, says: saysCorrection });
  }).filter((row) => row !== null);
  if (player.marks.length > 0) {
    const marks = player.marks.map((step) => ({ step }));
    const says = () => [element("p", "The player marked this moment.")];
    rows.push(markRow("player's marks", marks, { colour: theme.text, ink: theme.ground, letter: "M", says }));
  }
  const says = (one) => [element("p", sentence(one.says))];
  if (player.starved.length > 0) {
    rows.push(barRow("no input", 14, player.starved, { colour: "bad", least: 0, end: (one) => one.step + one.steps, says }));
  }
  if (player.lost.length > 0) {
    rows.push(barRow("inputs lost", 14, player.lost, { colour: "text", least: 0.5, end: (one) => one.step + 1, says }));
  }
  rows.push(barRow("snapshots", 12, player.snapshots, {
    colour: "second",
    least: 0,
    end: (one) => one.last + data.stepsPerSnapshot,
    says: (one) => [element("p", `The client applied every snapshot from here to ${clock(one.last)}, step ${one.last}.`)],
  }));
  if (player.slack.length > 0) {
    const least = percentile(player.slack.map((one) => one.least), 2);
    const most = Math.ceil(percentile(player.slack.map((one) => one.mean), 99)) + 1;
    rows.push(lineRow("slack", player.slack, {
      first: "mean",
      second: "least",
      low: Math.max(-12, Math.min(-2, least)),
      high: Math.max(4, most),
      unit: "steps",
      says: (one) => `Slack: inputs came ${one.mean.toFixed(1)} steps before their own on the average, the latest ${late(one.least)}`,
    }));
  }
  if (player.trips.length > 0) {
    const longest = player.trips.map((one) => one.longest);
    const high = Math.ceil(Math.max(100, Math.min(longest.reduce((all, one) => Math.max(all, one), 0), percentile(longest, 98) * 1.5)) / 50) * 50;
    rows.push(lineRow("round trip", player.trips, {
      first: "median",
      second: "longest",
      low: 0,
      high,
      unit: "ms",
      says: (one) => `Round trip: ${one.median} ms, the longest ${one.longest} ms`,
    }));
  }
  return { title: `Player ${player.id}`, says: summary(player.sum), rows, present: player.present, connected: player.connected };
}

function late(least) {
  return least < 0 ? `${millis(-least)} ms too late` : `${least} steps before`;
}

function summary(sum) {
  const said = [count(sum.corrections.all, "correction")];
  if (sum.corrections.all > 0) said[0] += `, by ${sum.largestCells.toFixed(2)} cells at most`;
  said.push(`${count(sum.starvedSteps, "step")} without an input`, `${count(sum.lostInputs, "input")} lost`);
  if (sum.roundTripMs !== null) said.push(`round trip ${sum.roundTripMs.p50} ms (p50), ${sum.roundTripMs.p99} ms (p99)`);
  if (sum.slackSteps !== null) said.push(`slack ${sum.slackSteps.mean.toFixed(1)} steps, at least ${sum.slackSteps.least}`);
  return said.join("; ");
}
