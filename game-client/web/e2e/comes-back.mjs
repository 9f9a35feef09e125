// A page is loaded again, and the worker is killed under two players: everybody goes on with their own player.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

/** How long it may take from the server's return until everybody plays: the longest wait between two attempts, and a bit. */
const BACK_MAX = 15_000;

export async function scene() {
  const { base } = await ask("serve");
  const room = "back";
  const ann = await Player.enter(base, room, "Ann", { body: 1, colour: 2 });
  const bo = await Player.enter(base, room, "Bo", { body: 3, colour: 4 });
  await ann.walkTo(30, 30);
  await bo.walkTo(34, 30);
  await ann.point(30.5, 27.5);
  await ann.page.mouse.down({ button: "right" });
  await sleep(300);
  await ann.page.mouse.up({ button: "right" });
  await until("Bo sees the wall", async () => (await bo.seen()).structures.length === 1);
  const id = async (who) => (await who.seen()).own.id;
  const ids = [await id(ann), await id(bo)];

  await makeKnight(ann, bo);
  await ann.page.reload();
  await ann.plays();
  const { own } = await ann.seen();
  ensure(own.id === ids[0], `after a reload Ann is ${own.id}, not ${ids[0]}`);
  ensure(Math.hypot(own.x - 30, own.y - 30) < 1, own);
  const reading = await ann.reading();
  ensure(reading.players.length === 2, reading.players);
  ensure(reading.players.some(({ own, name, colour }) => own && name === "Ann the Knight" && colour === 7), reading.players);
  ensure(reading.characters.length === 2 && reading.character !== "default", reading);
  await choose(ann, "default");
  await until("Bo sees that Ann is herself again", async () => (await bo.other("Ann")) !== null);

  await bo.hold(["KeyD"]);
  await ask("kill");
  await until("Ann's page says so", async () => (await ann.reading()).connection === "connecting");
  await until(
    "and shows it",
    async () => (await ann.page.getAttribute("#game", "data-connection")) === "connecting",
  );
  await sleep(1_000);
  await ask("start");
  const began = Date.now();
  for (const who of [ann, bo]) {
    await until(`${who.name} plays again`, async () => (await who.reading()).connection === "playing", BACK_MAX);
  }
  const took = Date.now() - began;
  await bo.hold([]);
  ensure((await id(ann)) === ids[0] && (await id(bo)) === ids[1], "they are others");
  await until("the wall stands", async () => (await ann.seen()).structures.length === 1);
  const before = (await ann.seen()).own;
  await ann.hold(["KeyS"]);
  await until("Ann walks on", async () => (await ann.seen()).own.y > before.y + 2);
  await ann.hold([]);
  await until("Bo sees it", async () => (await bo.other("Ann")).y > before.y + 1.5);
  const expected = /WebSocket|ERR_CONNECTION/;
  ann.isContent(expected);
  bo.isContent(expected);
  await ann.close();
  await bo.close();
  return `a character that was made is there after the page is loaded again, with the same player; killed and started, both played on ${took} ms after the start`;
}

/** Makes another character and plays as it. */
async function makeKnight(ann, bo) {
  const { page } = ann;
  await page.click('[data-opens="characters"]');
  await page.click("#character-new");
  await page.fill("#character-name", "Ann the Knight");
  await page.check('#character-look input[value="7"][name*="colour"]', { force: true });
  await page.click('#character-form button[type="submit"]');
  await page.keyboard.press("Escape");
  await until("Bo sees the knight", async () => (await bo.other("Ann the Knight")) !== null);
}

async function choose(ann, character) {
  await ann.page.click('[data-opens="characters"]');
  await ann.page.click(`[data-character="${character}"]`);
  await ann.page.keyboard.press("Escape");
  await ann.page.focus("#canvas");
}
