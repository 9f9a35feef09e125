// Somebody at a browser: one browser a player, because a page in the background is given no frames.

import { createRequire } from "node:module";

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
const VIEWPORT = { width: 800, height: 450 };

export class Player {
  constructor(browser, page, name) {
    this.browser = browser;
    this.page = page;
    this.name = name;
    this.complaints = [];
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
    const page = await browser.newPage({ viewport });
    return new Player(browser, page, name);
  }

  /** A browser in which somebody has come through the lobby and plays. */
  static async enter(base, room, name, { body = 0, colour = 0, viewport } = {}) {
    const player = await Player.open(name, viewport);
    await player.page.goto(`${base}/`);
    await player.fillLobby(room, { body, colour });
    await player.page.click("#enter-button");
    await player.plays();
    return player;
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
    for (const key of ["KeyW", "KeyA", "KeyS", "KeyD"]) {
      if (keys.includes(key)) {
        await this.page.keyboard.down(key);
      } else {
        await this.page.keyboard.up(key);
      }
    }
  }

  /** Walks to a place, within half a cell. */
  async walkTo(x, y, longest = 40_000) {
    await until(
      `${this.name} has walked to ${x}, ${y}`,
      async () => {
        const { own } = await this.seen();
        const keys = [];
        if (own.x < x - 0.4) keys.push("KeyD");
        if (own.x > x + 0.4) keys.push("KeyA");
        if (own.y < y - 0.4) keys.push("KeyS");
        if (own.y > y + 0.4) keys.push("KeyW");
        await this.hold(keys);
        return keys.length === 0;
      },
      longest,
    );
    await sleep(300);
  }

  async picture(path) {
    await this.page.screenshot({ path });
  }

  async close() {
    await this.browser.close();
  }

  /** Nothing was complained about, but for what is said to be expected. */
  isContent(expected = /^$/) {
    const complaints = this.complaints.filter((text) => !expected.test(text));
    ensure(complaints.length === 0, `${this.name}'s page complains: ${complaints.join("; ")}`);
  }
}
