// A page without the driver's help: the driver keeps every page of its own shown, and here one is to be hidden. It has
// what `Player` asks of a page, over the browser's own protocol through a pipe.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class BarePage {
  /** A browser with an empty page. */
  static async open(flags, { width, height }) {
    const folder = await mkdtemp(join(tmpdir(), "bitfort-browser-"));
    const args = ["--headless", "--remote-debugging-pipe", `--user-data-dir=${folder}`, `--window-size=${width},${height}`];
    const browser = spawn(process.env.CHROMIUM, [...args, ...flags, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    const page = new BarePage(browser, folder);
    page.target = await page.#newTarget();
    page.session = (await page.#send("Target.attachToTarget", { targetId: page.target, flatten: true })).sessionId;
    await page.#send("Runtime.enable", {}, page.session);
    return page;
  }

  constructor(browser, folder) {
    this.browser = browser;
    this.folder = folder;
    this.asked = 0;
    this.answers = new Map();
    this.listeners = new Map();
    this.keyboard = {
      down: (code) => this.#key("keyDown", code),
      up: (code) => this.#key("keyUp", code),
    };
    let text = "";
    browser.stdio[4].setEncoding("utf8");
    browser.stdio[4].on("data", (more) => {
      const parts = (text + more).split("\0");
      text = parts.pop();
      for (const part of parts) {
        this.#told(JSON.parse(part));
      }
    });
  }

  on(what, does) {
    this.listeners.set(what, does);
  }

  async goto(url) {
    await this.#send("Page.navigate", { url }, this.session);
  }

  /** Calls a function in the page. */
  async evaluate(what, argument) {
    const expression = `(${what})(${JSON.stringify(argument)})`;
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", asked, this.session);
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  focus(selector) {
    return this.evaluate((selector) => document.querySelector(selector).focus(), selector);
  }

  click(selector) {
    return this.evaluate((selector) => document.querySelector(selector).click(), selector);
  }

  check(selector) {
    return this.click(selector);
  }

  fill(selector, value) {
    return this.evaluate(
      ([selector, value]) => {
        const element = document.querySelector(selector);
        element.value = value;
        element.dispatchEvent(new Event("input", { bubbles: true }));
      },
      [selector, value],
    );
  }

  /** Puts another tab in front of this one. */
  async hide() {
    this.front = await this.#newTarget();
    await this.#send("Target.activateTarget", { targetId: this.front });
  }

  /** Puts this tab to the front again. */
  async show() {
    await this.#send("Target.closeTarget", { targetId: this.front });
    await this.#send("Target.activateTarget", { targetId: this.target });
  }

  async close() {
    const ended = new Promise((resolve) => this.browser.once("exit", resolve));
    this.browser.kill();
    await ended;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #newTarget() {
    return (await this.#send("Target.createTarget", { url: "about:blank" })).targetId;
  }

  #key(type, code) {
    return this.#send("Input.dispatchKeyEvent", { type, code, key: code.replace(/^Key/, "").toLowerCase() }, this.session);
  }

  async #send(method, params, sessionId) {
    this.asked += 1;
    const id = this.asked;
    const answer = new Promise((resolve) => this.answers.set(id, resolve));
    this.browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    if (error !== undefined) {
      throw new Error(`${method}: ${error.message}`);
    }
    return result;
  }

  #told({ id, method, params, ...answer }) {
    if (id !== undefined) {
      this.answers.get(id)?.(answer);
      this.answers.delete(id);
    } else if (method === "Runtime.exceptionThrown") {
      this.listeners.get("pageerror")?.(params.exceptionDetails.text);
    } else if (method === "Runtime.consoleAPICalled" && params.type === "error") {
      const text = params.args.map(({ value, description }) => value ?? description).join(" ");
      this.listeners.get("console")?.({ type: () => "error", text: () => text });
    }
  }
}
