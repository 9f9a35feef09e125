// Somebody at a browser: one browser a player, because a page in the background is given no frames.

import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BarePage } from "./bare-page.mjs";
import { PATIENCE, ensure, sleep, told, until } from "./driver.mjs";

const require = createRequire(new URL("../../../worker/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // There is no graphics card where this runs.
  "--enable-unsafe-swiftshader",
];

/** Small, as the picture is drawn by the processor. */
const VIEWPORT = { width: 480, height: 270 };

const PICTURED = { width: 960, height: 540 };

/** Steps from one snapshot to the next. */
const SNAPSHOT_STEPS = 6;
/** Through so many snapshots somebody stays who stands. */
const STANDS_SNAPSHOTS = 3;
/** How far a velocity still carries whoever lets go: what friction leaves of it, step by step. */
const SLIDES_STEPS = 0.85 / (1 - 0.85);
/** Cells by which somebody may stand beside the place walked to. */
const BESIDE_MAX = 0.5;
/** Cells by which the pointer may be off. */
const POINTED_MAX = 0.1;
/** How long a page that is in trouble may take to say what it shows. */
const LAST_WORDS_MS = 5_000;

const open = new Set();

/** Closes what a scene that failed has left open, and tells what its pages show and complained about. */
export async function closeAll() {
  for (const player of open) {
    console.error(`${player.name}'s page shows ${await player.lastWords()}`);
    for (const complaint of player.complaints) {
      console.error(`${player.name}'s page: ${complaint}`);
    }
  }
  await Promise.all([...open].map((player) => player.close()));
}

export class Player {
  constructor(browser, page, name) {
    this.browser = browser;
    this.page = page;
    this.name = name;
    this.complaints = [];
    this.held = [];
    page.on("pageerror", (error) => this.complaints.push(`${error}`));
    page.on("console", (message) => {
      if (message.type() === "error") {
        this.complaints.push(message.text());
      }
    });
  }

  /** A browser with an empty page. */
  static open(name, viewport = VIEWPORT) {
    return Player.openOn(name, viewport);
  }

  /** A browser on a screen of this kind, with an empty page. */
  static async openOn(name, { width, height, touch = false, scale = 1, forcedColors = null }) {
    const executablePath = process.env.CHROMIUM;
    const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
    const context = await browser.newContext({
      viewport: { width, height },
      hasTouch: touch,
      isMobile: touch,
      deviceScaleFactor: scale,
      forcedColors,
    });
    const page = await context.newPage();
    return Player.at(browser, page, name);
  }

  /** A browser that keeps what it has loaded in a folder, as people's do: the others keep a part of it in memory. */
  static async openKept(name, viewport = VIEWPORT) {
    const executablePath = process.env.CHROMIUM;
    const folder = await mkdtemp(join(tmpdir(), "bitfort-browser-"));
    const context = await chromium.launchPersistentContext(folder, { executablePath, headless: true, args: FLAGS, viewport });
    const page = context.pages()[0] ?? (await context.newPage());
    const player = Player.at(context, page, name);
    player.folder = folder;
    return player;
  }

  /** Somebody at this page, whose browser is closed with the scene. */
  static at(browser, page, name) {
    page.setDefaultTimeout(PATIENCE);
    const player = new Player(browser, page, name);
    open.add(player);
    return player;
  }

  /** A browser with an empty page that can be hidden. It takes no pictures and has no mouse. */
  static async openBare(name) {
    const page = await BarePage.open(FLAGS, VIEWPORT);
    const player = new Player(page, page, name);
    open.add(player);
    return player;
  }

  /** Another tab of this browser, in front of the others. */
  async tab() {
    const page = await this.page.context().newPage();
    page.setDefaultTimeout(PATIENCE);
    return new Player(this.browser, page, `${this.name}, another tab`);
  }

  /** A browser in which somebody has come through the lobby and plays. */
  static async enter(base, room, name, { body = 0, colour = 0, viewport } = {}) {
    const player = await Player.open(name, viewport);
    await player.come(base, room, { body, colour });
    return player;
  }

  /** Comes to the lobby. Its form is written down in the page, but the lobby is shown when somebody listens to it. */
  async lobby(base) {
    await this.page.goto(`${base}/`);
    const shown = () => document.querySelector("#lobby")?.hidden === false;
    await until(`${this.name} is shown the lobby`, () => this.page.evaluate(shown));
  }

  /** Comes through the lobby. */
  async come(base, room, look = {}) {
    await this.lobby(base);
    await this.fillLobby(room, look);
    await this.page.click("#enter-button");
    await this.plays();
  }

  async fillLobby(room, { body = 0, colour = 0 } = {}) {
    await this.page.fill("#name", this.name);
    await this.page.fill("#room", room);
    await this.page.check(`input[name="body"][value="${body}"]`, { force: true });
    await this.page.check(`input[name="colour"][value="${colour}"]`, { force: true });
  }

  /** Waits until the room has let the player in and shows it. */
  async plays(longest = PATIENCE) {
    await until(
      `${this.name} plays`,
      async () => ({ connection: (await this.reading())?.connection, own: (await this.seen())?.own }),
      ({ connection, own }) => connection === "playing" && own !== null && own !== undefined,
      longest,
    );
    await this.page.focus("#canvas");
  }

  /** Calls a function of the game's module. */
  call(name, ...args) {
    return this.page.evaluate(
      async ([name, args]) => (await import("/client.js"))[name](...args),
      [name, args],
    );
  }

  async read(name) {
    const text = await this.call(name);
    return text === undefined ? null : JSON.parse(text);
  }

  reading() {
    return this.read("reading");
  }

  seen() {
    return this.read("seen");
  }

  known() {
    return this.read("known");
  }

  netcode() {
    return this.read("netcode");
  }

  /** Waits until the page has drawn: what was pressed or let go before has then reached the game. */
  frames() {
    return this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
  }

  /**
   * Waits until the player stands: nothing is held, the room and the prediction have it at the same place and keep it
   * there, and there it is drawn. Returns that place, with the player's number.
   */
  async stands() {
    await this.frames();
    let since = null;
    const { known } = await until(
      `${this.name} stands`,
      async () => ({ known: await this.known(), drawn: (await this.seen()).own }),
      ({ known, drawn }) => {
        const { own, told } = known;
        const room = told.find(({ id }) => id === own?.id);
        const rests = [own, room].every((one) => one !== null && one !== undefined && !one.held && one.vx === 0 && one.vy === 0);
        if (!rests || !isAt(own, room) || !isAt(drawn, room)) {
          since = null;
          return false;
        }
        if (since === null || !isAt(since, room)) {
          since = { ...room, step: known.step };
        }
        return known.rests || known.step >= since.step + STANDS_SNAPSHOTS * SNAPSHOT_STEPS;
      },
    );
    const { id, x, y } = known.own;
    return { id, x, y };
  }

  /** Waits until another player, who stands at this place, is drawn exactly there. */
  async sees({ id, x, y }) {
    await until(
      `${this.name} sees player ${id} at ${x}, ${y}`,
      async () => (await this.seen()).players.find((one) => one.id === id),
      (one) => one !== undefined && isAt(one, { x, y }),
    );
  }

  /** The other players as this one sees them. */
  async other(name) {
    const [reading, seen] = [await this.reading(), await this.seen()];
    const id = reading.players.find((entry) => entry.name === name)?.id;
    return seen.players.find((one) => one.id === id) ?? null;
  }

  /** Puts the pointer over a place of the arena, as it was drawn last. The picture then follows the pointer a bit. */
  async aim(x, y) {
    const { camera } = await this.seen();
    const { width, height } = this.page.viewportSize();
    const off = { x: (x - camera.x) * camera.cell, y: (y - camera.y) * camera.cell };
    await this.page.mouse.move(off.x + width / 2, off.y + height / 2);
    return { camera, off };
  }

  /** Puts the pointer over a place of the arena, and waits until the picture has come to rest with the pointer there. */
  async point(x, y) {
    await until(
      `${this.name} points at ${x}, ${y}`,
      async () => {
        const { camera, off } = await this.aim(x, y);
        await this.frames();
        const { camera: now } = await this.seen();
        const at = { x: now.x + off.x / now.cell, y: now.y + off.y / now.cell };
        return { at, moved: Math.hypot(now.x - camera.x, now.y - camera.y) };
      },
      ({ at, moved }) => Math.hypot(at.x - x, at.y - y) < POINTED_MAX && moved < POINTED_MAX / 10,
    );
  }

  /** Builds in the cell around a place, with the pointer, and lets go when it is drawn. */
  async build(x, y) {
    await this.point(x, y);
    await this.page.mouse.down({ button: "right" });
    await until(
      `${this.name} has built at ${x}, ${y}`,
      async () => (await this.seen()).structures,
      (structures) => structures.some((one) => one.x === Math.floor(x) && one.y === Math.floor(y)),
    );
    await this.page.mouse.up({ button: "right" });
    await this.frames();
  }

  /** Holds exactly these keys of the four that walk. */
  async hold(keys) {
    for (const key of this.held.filter((key) => !keys.includes(key))) {
      await this.page.keyboard.up(key);
    }
    for (const key of keys.filter((key) => !this.held.includes(key))) {
      await this.page.keyboard.down(key);
    }
    this.held = keys;
  }

  /**
   * Walks to a place, within half a cell, by the stick that phones have: keys come too late from out here. Returns where the
   * player stands then.
   */
  async walkTo(x, y, longest = PATIENCE) {
    const end = Date.now() + longest;
    for (;;) {
      const ends = await this.page.evaluate(
        async ([x, y, slides, longest]) => {
          const { known, walk } = await import("/client.js");
          const end = performance.now() + longest;
          const near = (off) => Math.abs(off) < 0.25;
          for (;;) {
            // It lets go where the slide ends at the place; nobody walks while there is no own player.
            const { own } = JSON.parse(known());
            const off = (at, v, to) => (own === null ? 0 : to - at - v * slides);
            const [right, down] = [off(own?.x, own?.vx, x), off(own?.y, own?.vy, y)];
            const there = own !== null && near(right) && near(down);
            if (there || performance.now() > end) {
              walk(0, 0);
              return { there, own };
            }
            walk(near(right) ? 0 : Math.sign(right), near(down) ? 0 : Math.sign(down));
            await new Promise((resolve) => setTimeout(resolve, 8));
          }
        },
        [x, y, SLIDES_STEPS, Math.max(0, end - Date.now())],
      );
      ensure(ends.there, `${this.name} has not walked to ${x}, ${y} in ${longest} ms: ${told(ends.own)}`);
      const at = await this.stands();
      if (Math.max(Math.abs(at.x - x), Math.abs(at.y - y)) < BESIDE_MAX) {
        return at;
      }
      // A page that was kept waiting has let go too late.
    }
  }

  /** Takes a picture that is larger than what is played in, once `ready` has come about in that size. */
  async picture(path, { size = PICTURED, ready = () => sleep(500) } = {}) {
    const small = this.page.viewportSize();
    await this.page.setViewportSize(size);
    await ready();
    await this.page.screenshot({ path });
    await this.page.setViewportSize(small);
  }

  /** What the page shows, for whoever looks for what went wrong. */
  async lastWords() {
    const look = this.page.evaluate(async () => {
      const game = await import("/client.js").catch(() => ({}));
      const shows = { at: location.href };
      for (const name of ["reading", "known", "seen", "watching"]) {
        try {
          shows[name] = JSON.parse(game[name]());
        } catch (error) {
          // It shows something else, or nothing yet.
          shows[name] = `${error}`;
        }
      }
      for (const id of ["state-text", "door-text", "drop-error"]) {
        shows[id] = document.getElementById(id)?.textContent;
      }
      return shows;
    });
    const silent = sleep(LAST_WORDS_MS).then(() => "nothing: it does not answer");
    return told(await Promise.race([look, silent]).catch((error) => error.message));
  }

  async close() {
    open.delete(this);
    await this.browser.close();
    if (this.folder !== undefined) {
      // The browser's processes may still be writing.
      await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  }

  /** Nothing was complained about, but for what is said to be expected. */
  isContent(expected = /^$/) {
    const complaints = this.complaints.filter((text) => !expected.test(text));
    ensure(complaints.length === 0, `${this.name}'s page complains: ${complaints.join("; ")}`);
  }
}

/** Whether two are at the same place, to the bit. */
function isAt(one, other) {
  return one?.x === other?.x && one?.y === other?.y;
}
