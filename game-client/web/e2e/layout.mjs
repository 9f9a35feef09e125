// What lies over the arena, on every kind of screen, in a full room: everything that can be pressed is within the screen and
// under nothing else, and everything that tells something can be read.

import { ask, ensure, told, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const SCREENS = [
  { name: "phone, lying", width: 640, height: 360, touch: true, inReadme: "phone" },
  { name: "phone, upright", width: 360, height: 640, touch: true },
  { name: "tablet", width: 1_024, height: 768, touch: true },
  { name: "laptop", width: 1_280, height: 720 },
  { name: "laptop at 200 %", width: 640, height: 360, scale: 2 },
  { name: "ultrawide", width: 2_560, height: 1_080 },
];

/** So many pixels are drawn at the most when nobody looks at the pictures: the processor draws them. The page is laid out in
 * those of the screen all the same. */
const DRAWN_MAX = 300_000;
/** Below that a line of one pixel is drawn too thick. */
const SCALE_MIN = 0.5;

/** Pixels by which two may touch. */
const TOUCH_MAX = 1;
const PARTS = "#line, #hud nav > *, #players, #feed li, #health, #tools button, .stick, #touch button";

export async function scene() {
  const { base, pictures, picturesAreKept } = await ask("serve");
  await ask("bots", { room: "crowded", count: 31, kind: "walker", shoots: true });
  let parts = 0;
  for (const screen of SCREENS) {
    const { width, height } = screen;
    const coarse = Math.min(1, Math.max(SCALE_MIN, Math.sqrt(DRAWN_MAX / (width * height))));
    const scale = screen.scale ?? (picturesAreKept ? 1 : coarse);
    const eve = await Player.openOn("Eve with a name of 24 ch.", { ...screen, scale });
    await eve.come(base, "crowded");
    const { page } = eve;
    await until("everybody is listed", () => eve.reading(), ({ players }) => players.length === 32);
    // Somebody shoots somebody down, so that the feed has lines.
    await until("somebody was shot down", () => page.locator("#feed li").count(), (count) => count > 0).catch(() => undefined);
    parts += await nothingLiesOver(eve, screen);
    ensure(await page.isVisible("#players tr.own"), `on the ${screen.name} one's own row is not listed`);
    const file = screen.name.replaceAll(/[^a-z0-9]+/g, "-");
    await page.screenshot({ path: `${pictures}/screen-${file}.png` });
    if (screen.inReadme !== undefined) {
      await page.screenshot({ path: `${pictures}/${screen.inReadme}.png` });
    }
    await helpBeginsAtItsBeginning(page, screen);
    await dialogsFit(page, screen, `${pictures}/screen-${file}`);
    eve.isContent();
    await eve.close();
  }
  await ask("bots-leave");
  await forcedColours(base, pictures);
  return `${parts} parts on ${SCREENS.length} kinds of screens lie within them and over nothing else, with 32 players`;
}

async function nothingLiesOver(eve, { name, width, height }) {
  const boxes = await eve.page.evaluate((parts) => {
    const shown = [...document.querySelectorAll(parts)].filter((part) => part.checkVisibility({ visibilityProperty: true }));
    return shown.map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return { what: part.id || `${part.tagName} ${part.textContent.trim()}`, left, top, right, bottom };
    });
  }, PARTS);
  for (const [at, one] of boxes.entries()) {
    const within = one.left >= 0 && one.top >= 0 && one.right <= width && one.bottom <= height;
    ensure(within, `on the ${name} ${one.what} leaves the screen: ${told(one)}`);
    for (const other of boxes.slice(at + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      ensure(across <= TOUCH_MAX || down <= TOUCH_MAX, `on the ${name} ${one.what} lies over ${other.what}: ${told([one, other])}`);
    }
  }
  return boxes.length;
}

async function helpBeginsAtItsBeginning(page, { name }) {
  await page.click('#hud [data-opens="help"]');
  const scrolled = await page.evaluate(() => document.querySelector("#help").scrollTop);
  ensure(scrolled === 0, `on the ${name} help opens ${scrolled} px down`);
  await page.keyboard.press("Escape");
}

/** A dialog is within the screen, or can be scrolled within it. */
async function dialogsFit(page, { name, width, height }, picture) {
  for (const dialog of ["help", "settings", "characters"]) {
    await page.click(`#hud [data-opens="${dialog}"]`);
    const box = await page.locator(`#${dialog}`).boundingBox();
    const fits = box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
    ensure(fits, `on the ${name} the dialog ${dialog} does not fit: ${told(box)}`);
    const wide = await page.evaluate((id) => {
      const dialog = document.getElementById(id);
      return dialog.scrollWidth - dialog.clientWidth;
    }, dialog);
    ensure(wide <= 0, `on the ${name} the dialog ${dialog} is ${wide} px too wide`);
    await page.screenshot({ path: `${picture}-${dialog}.png` });
    await page.keyboard.press("Escape");
  }
}

async function forcedColours(base, pictures) {
  const eve = await Player.openOn("Eve", { width: 960, height: 540, forcedColors: "active" });
  await eve.come(base, "plain", { colour: 3 });
  const { page } = eve;
  const seen = await page.evaluate(() => {
    const style = (selector, pseudo) => getComputedStyle(document.querySelector(selector), pseudo);
    const dot = style("#players tbody th", "::before").backgroundColor;
    const bar = style("#health span").backgroundColor;
    const behind = style("#health").backgroundColor;
    const chosen = style('#tools button[aria-checked="true"]').outlineStyle;
    return { dot, bar, behind, chosen };
  });
  ensure(seen.bar !== seen.behind, `health cannot be seen: ${told(seen)}`);
  ensure(seen.chosen !== "none", `what is built cannot be seen: ${told(seen)}`);
  ensure(seen.dot === "rgb(255, 198, 75)", `a player's colour cannot be seen: ${told(seen)}`);
  await page.screenshot({ path: `${pictures}/screen-forced-colours.png` });
  eve.isContent();
  await eve.close();
}
