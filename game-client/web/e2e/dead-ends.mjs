// Where a page might end and leave somebody alone: there is always a sentence, and a way on.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

export async function scene() {
  const { base } = await ask("serve");
  const ways = [addresses, otherBuild, nothingKept, notLoaded, pictureLost, invitation, keyTakenAway];
  for (const way of ways) {
    await way(base);
  }
  return `${ways.length} dead ends have a sentence and a way on`;
}

async function addresses(base) {
  const eve = await Player.open("Eve");
  const { page } = eve;
  for (const [path, says] of [["/nowhere", "nothing at this address"], ["/room/%C3%A4", "no such room"], ["/room/den/more", "nothing at this address"]]) {
    await page.goto(`${base}${path}`);
    await until(`${path} is explained`, () => page.textContent("#door-text"), (text) => text.includes(says));
    await page.click("#door a");
    await page.waitForSelector("#lobby", { state: "visible" });
  }
  for (const path of ["/room/The%20Den", "/room/the-den/"]) {
    await page.goto(`${base}${path}`);
    await eve.plays();
    const { pathname } = new URL(page.url());
    ensure(pathname.replace(/\/$/, "") === "/room/the-den", `${path} led to ${pathname}`);
  }
  eve.isContent(/404/);
  await eve.close();
}

/** What another build kept, and a page that is not encrypted: no \`crypto.randomUUID\`, no locks. */
async function otherBuild(base) {
  const eve = await Player.open("Eve");
  await eve.page.addInitScript(() => {
    localStorage.setItem("bitfort.settings", JSON.stringify({ palette: "neon", reducedMotion: "a bit", bindings: { KeyX: "dance" } }));
    localStorage.setItem("bitfort.me", JSON.stringify({ name: 3, body: 99, colour: -1 }));
    localStorage.setItem("bitfort.players", "no JSON");
    crypto.randomUUID = undefined;
    Object.defineProperty(navigator, "locks", { value: undefined });
  });
  await eve.come(base, "other-build");
  eve.isContent();
  await eve.close();
}

async function nothingKept(base) {
  const eve = await Player.open("Eve");
  await eve.page.addInitScript(() => {
    for (const name of ["getItem", "setItem", "removeItem"]) {
      Storage.prototype[name] = () => {
        throw new Error("forbidden");
      };
    }
  });
  await eve.come(base, "forgetful", { colour: 5 });
  const reading = await until("the name is known", () => eve.reading(), ({ players }) => players.some(({ name }) => name === "Eve"));
  ensure(reading.players[0].colour === 5, reading.players);
  ensure(!eve.page.url().includes("#"), `the name stays in the address: ${eve.page.url()}`);
  eve.isContent();
  await eve.close();
}

async function notLoaded(base) {
  const eve = await Player.open("Eve");
  const { page } = eve;
  await page.route("**/client.js", (route) => route.abort());
  await page.goto(`${base}/room/slow`);
  await page.waitForSelector("#again", { state: "visible" });
  ensure((await page.textContent("#door-text")).includes("could not be loaded"), await page.textContent("#door-text"));
  await page.unroute("**/client.js");
  await page.click("#again");
  await eve.plays();
  eve.isContent(/ERR_FAILED/);
  await eve.close();
}

async function pictureLost(base) {
  const eve = await Player.enter(base, "dark", "Eve");
  const { page } = eve;
  await page.evaluate(() => {
    const context = document.querySelector("#canvas").getContext("webgl2");
    context.getExtension("WEBGL_lose_context").loseContext();
  });
  await page.waitForSelector("#state-next", { state: "visible" });
  ensure((await page.textContent("#state-text")).includes("lost the picture"), await page.textContent("#state-text"));
  await page.click("#state-next");
  await eve.plays();
  await eve.close();
}

async function invitation(base) {
  const eve = await Player.enter(base, "open-house", "Eve");
  const { page } = eve;
  await page.click("#invite");
  await sleep(4_000);
  const link = await page.inputValue("#invitation-link");
  ensure(link === `${base}/room/open-house` && (await page.isVisible("#invitation-link")), link);
  await page.keyboard.press("Escape");
  const focused = await page.evaluate(() => document.activeElement?.id);
  ensure(focused === "canvas", `the keyboard is at ${focused}`);
  eve.isContent();
  await eve.close();
}

async function keyTakenAway(base) {
  const eve = await Player.enter(base, "keyless", "Eve");
  const { page } = eve;
  await page.click('#hud [data-opens="settings"]');
  await page.click('#bindings [data-action="fire"]');
  await page.keyboard.press("Delete");
  const says = await page.textContent("#bindings-say");
  ensure(says.includes("has no key now") && says.includes("No key is left for: Shoot"), says);
  ensure((await page.textContent('#bindings [data-action="fire"]')) === "no key", "the key is still there");
  eve.isContent();
  await eve.close();
}
