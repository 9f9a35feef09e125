// Somebody plays by keys alone, and whatever has the focus: comes in, walks, aims, shoots, builds, uses the menu and leaves.

import { ask, ensure, told, until } from "./driver.mjs";
import { Player } from "./player.mjs";

export async function scene() {
  const { base } = await ask("serve");
  const eve = await Player.open("Eve");
  const { page } = eve;
  const { keyboard } = page;
  await eve.lobby(base);
  await isRead(page, ['heading "Bitfort"', 'textbox "Your name"', 'textbox "Room"', 'button "Play"', 'radio "round"', 'link "Watch a recording"']);
  // The name has the focus; Enter plays.
  await keyboard.type("Eve");
  await focus(page, "#room");
  await keyboard.press("Control+A");
  await keyboard.type("keys");
  await keyboard.press("Enter");
  await eve.plays();
  const read = ['region "Game"', 'navigation "Menu"', 'button "Invite"', 'link "Leave"', 'table "Players"', 'rowheader "Eve"', 'meter "Health"', 'radio "1 Wall" [checked]', "status: "];
  await isRead(page, read);

  // From the middle, so that nowhere is an edge. Walk right, and shoot and build where was walked.
  await eve.walkTo(32, 32);
  const before = await eve.stands();
  await held(eve, "KeyD", () => until("Eve walks", async () => (await eve.known()).own, (own) => own.x > before.x + 1));
  const stands = await eve.stands();
  await held(eve, "Space", () => until("a shot flies", async () => (await eve.seen()).shots, (shots) => shots > 0));
  await held(eve, "KeyE", () => until("a wall stands in front", async () => (await eve.seen()).structures, (structures) => structures.some((one) => one.x >= Math.floor(stands.x) && one.y === Math.floor(stands.y))));
  // The room has to have named it first.
  const removed = async () => {
    await keyboard.press("KeyQ");
    return (await eve.seen()).structures;
  };
  await until("it is taken away", removed, (structures) => structures.length === 0);

  // Out of the arena by Tab and by Escape, and keys go on playing where nothing else wants them.
  await page.focus("#canvas");
  await keyboard.press("Tab");
  ensure((await active(page)) !== "canvas", "Tab does not lead out of the arena");
  await page.focus("#canvas");
  await keyboard.press("Shift+Tab");
  ensure((await active(page)) !== "canvas", "Shift and Tab do not lead out of the arena");
  await page.focus("#canvas");
  await keyboard.press("Escape");
  ensure((await active(page)) === "Characters", `Escape leads to ${await active(page)}`);
  const at = await eve.stands();
  await held(eve, "KeyA", () => until("Eve walks with the menu's focus", async () => (await eve.known()).own, (own) => own.x < at.x - 1));

  // After what is pressed by pointer, too.
  for (const [what, does] of [
    ["Invite", async () => { await page.click("#invite"); await keyboard.press("Escape"); }],
    ["the list of players", () => page.click("#players")],
    ["a slider behind F3", async () => { await keyboard.press("F3"); await page.click("#latency"); await page.fill("#latency", "0"); }],
  ]) {
    await does();
    const from = await eve.stands();
    await held(eve, "KeyS", () => until(`Eve walks after ${what}`, async () => (await eve.known()).own, (own) => own.y > from.y + 0.5));
  }
  const selected = await page.evaluate(() => `${getSelection()}`);
  ensure(selected === "", `the list of players is selected: ${selected}`);

  // What nobody holds any more is let go.
  await keyboard.down("KeyW");
  await until("Eve walks", async () => (await eve.known()).own, (own) => own.held);
  await page.evaluate(() => dispatchEvent(new KeyboardEvent("keyup", { key: "Meta", code: "MetaLeft" })));
  await until("it is let go with the Meta key", async () => (await eve.known()).own, (own) => !own.held);
  await keyboard.up("KeyW");
  await page.mouse.move(200, 100);
  await page.mouse.down({ button: "right" });
  await page.evaluate(() => document.querySelector("#canvas").dispatchEvent(new PointerEvent("pointercancel")));
  await eve.frames();
  const built = (await eve.seen()).structures.length;
  await page.mouse.move(260, 100);
  await eve.frames();
  await eve.stands();
  ensure((await eve.seen()).structures.length === built, "a button that was lost goes on building");
  await page.mouse.up({ button: "right" });

  // The menu by keys: take a look, and leave.
  await page.focus("#canvas");
  await keyboard.press("Escape");
  await keyboard.press("Enter");
  ensure(await page.isVisible("#characters"), "Enter does not open the characters");
  await keyboard.press("Escape");
  await focus(page, "#hud nav a");
  await keyboard.press("Enter");
  await page.waitForSelector("#lobby", { state: "visible" });
  eve.isContent();
  await eve.close();
  return "by keys alone somebody comes in, walks, aims, shoots, builds, takes away, opens the menu and leaves, whatever has the focus";
}

/** Holds a key while something comes about. */
async function held(eve, code, comesAbout) {
  await eve.page.keyboard.down(code);
  await comesAbout();
  await eve.page.keyboard.up(code);
}

/** By Tab to an element. */
async function focus(page, selector) {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) {
      return;
    }
  }
  throw new Error(`no Tab leads to ${selector}, but to ${told(await active(page))}`);
}

function active(page) {
  return page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || "nothing");
}

/** Whether a screen reader is told of this. */
async function isRead(page, wanted) {
  const tree = await until("the tree is whole", () => page.locator("body").ariaSnapshot(), (tree) => wanted.every((what) => tree.includes(what))).catch((error) => error);
  ensure(typeof tree === "string", `a screen reader is not told of everything: ${tree.message}`);
}
