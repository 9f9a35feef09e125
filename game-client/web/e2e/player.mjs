// Somebody at a browser: one browser a player, because a page in the background is given no frames.

import { createRequire } from "node:module";

import { BarePage } from "./bare-page.mjs";
import { ensure, sleep, until } from "./driver.mjs";

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

const open = new Set();

/** Closes what a scene that failed has left open, and tells what its pages complained about. */
export async function closeAll() {
  for (const { name, complaints } of open) {
    for (const complaint of complaints) {
      console.error(`${name}'s page: ${complaint}`);
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
  static async open(name, viewport = VIEWPORT) {
    const executablePath = process.env.CHROMIUM;
    const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
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

  /** A browser in which somebody has come through the lobby and plays. */
  static async enter(base, room, name, { body = 0, colour = 0, viewport } = {}) {
    const player = await Player.open(name, viewport);
    await player.come(base, room, { body, colour });
    return player;
  }

  /** Comes through the lobby. */
  async come(base, room, look = {}) {
    await this.page.goto(`${base}/`);
    // Its form is written down in the page, but the lobby is shown when somebody listens to it.
    const shown = () => document.querySelector("#lobby")?.hidden === false;
    await until("the lobby is shown", () => this.page.evaluate(shown));
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
  async plays(longest = 30_000) {
    await until(
      `${this.name} plays`,
      async () => {
        const reading = await this.reading().catch(() => null);
        const seen = reading?.connection === "playing" ? await this.seen() : null;
        return seen?.own !== null && seen !== null;
      },
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

  netcode() {
    return this.read("netcode");
  }

  /** The other players as this one sees them. */
  async other(name) {
    const [reading, seen] = [await this.reading(), await this.seen()];
    const id = reading.players.find((entry) => entry.name === name)?.id;
    return seen.players.find((one) => one.id === id) ?? null;
  }

  /** Puts the pointer over a place of the arena. */
  async point(x, y) {
    const { camera } = await this.seen();
    const { width, height } = this.page.viewportSize();
    const at = { x: (x - camera.x) * camera.cell + width / 2, y: (y - camera.y) * camera.cell + height / 2 };
    await this.page.mouse.move(at.x, at.y);
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

  /** Walks to a place, within half a cell, by the stick that phones have: keys come too late from out here. */
  async walkTo(x, y, longest = 20_000) {
    const arrived = await this.page.evaluate(
      async ([x, y, longest]) => {
        const { seen, walk } = await import("/client.js");
        const end = performance.now() + longest;
        const near = (off) => Math.abs(off) < 0.25;
        for (;;) {
          const { own } = JSON.parse(seen());
          const [right, down] = [x - own.x, y - own.y];
          const there = near(right) && near(down);
          if (there || performance.now() > end) {
            walk(0, 0);
            return there;
          }
          walk(near(right) ? 0 : Math.sign(right), near(down) ? 0 : Math.sign(down));
          await new Promise((resolve) => setTimeout(resolve, 8));
        }
      },
      [x, y, longest],
    );
    ensure(arrived, `${this.name} has not walked to ${x}, ${y}`);
    await sleep(300);
  }

  /** Takes a picture that is larger than what is played in, once `ready` has come about in that size. */
  async picture(path, { size = PICTURED, ready = () => sleep(500) } = {}) {
    const small = this.page.viewportSize();
    await this.page.setViewportSize(size);
    await ready();
    await this.page.screenshot({ path });
    await this.page.setViewportSize(small);
  }

  async close() {
    open.delete(this);
    await this.browser.close();
  }

  /** Nothing was complained about, but for what is said to be expected. */
  isContent(expected = /^$/) {
    const complaints = this.complaints.filter((text) => !expected.test(text));
    ensure(complaints.length === 0, `${this.name}'s page complains: ${complaints.join("; ")}`);
  }
}
