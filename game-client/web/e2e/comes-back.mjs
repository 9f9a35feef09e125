// A page is loaded again, and the worker is killed under two players: everybody goes on with their own player. Then one leaves.

import { ask, ensure, sleep, told, until } from "./driver.mjs";
import { Player } from "./player.mjs";
import { watchStalls } from "./stalls.mjs";

/** How long it may take from the server's return until everybody plays: the longest wait between two attempts, and a bit. */
const BACK_MAX = 15_000;
/** Before this whoever leaves on purpose is gone, and whose page is closed is not: 5 s and 30 s. */
const LEFT_MAX = 20_000;
/** How long the server is away. */
const AWAY = 1_000;

export async function scene() {
  const { base } = await ask("serve");
  const room = "back";
  const ann = await Player.enter(base, room, "Ann", { body: 1, colour: 2 });
  const bo = await Player.enter(base, room, "Bo", { body: 3, colour: 4 });
  await ann.walkTo(30, 30);
  const { id: boId } = await bo.walkTo(34, 30);
  await ann.build(30.5, 27.5);
  await until("Bo sees the wall", async () => (await bo.seen()).structures, (structures) => structures.length === 1);

  await makeKnight(ann, bo);
  const stood = await ann.stands();
  const left = Date.now();
  await ann.page.reload();
  await ann.plays();
  const away = Date.now() - left;
  const stands = await ann.stands();
  ensure(told(stands) === told(stood), `away for ${away} ms, Ann stood as ${told(stood)} and stands as ${told(stands)}`);
  const reading = await ann.reading();
  ensure(reading.players.length === 2, reading.players);
  ensure(reading.players.some(({ own, name, colour }) => own && name === "Ann the Knight" && colour === 7), reading.players);
  ensure(reading.characters.length === 2 && reading.character !== "default", reading);
  await choose(ann, "default");
  await until("Bo sees that Ann is herself again", () => bo.other("Ann"), (seen) => seen !== null);

  const { x } = await bo.stands();
  await bo.hold(["KeyD"]);
  await until("Bo walks", async () => (await bo.known()).own, (own) => own.x > x);
  await ask("kill");
  await until("Ann's page says so", async () => (await ann.reading()).connection, (connection) => connection === "connecting");
  await until(
    "and shows it",
    () => ann.page.getAttribute("#game", "data-connection"),
    (connection) => connection === "connecting",
  );
  await sleep(AWAY);
  const stalled = await watchStalls(ann, bo);
  await ask("start");
  const began = Date.now();
  for (const who of [ann, bo]) {
    await until(`${who.name} plays again`, async () => (await who.reading()).connection, (connection) => connection === "playing");
  }
  const took = Date.now() - began;
  const { total } = await stalled();
  ensure(took - total <= BACK_MAX, `both played on ${took} ms after the start, of which the machine stalled for ${total} ms`);
  await bo.hold([]);
  const [annStands, boStands] = [await ann.stands(), await bo.stands()];
  ensure(told(annStands) === told(stood), `Ann stood as ${told(stood)} and after the kill as ${told(annStands)}`);
  ensure(boStands.id === boId, `Bo was player ${boId} and is ${boStands.id}`);
  await until("the wall stands", async () => (await ann.seen()).structures, (structures) => structures.length === 1);
  await ann.hold(["KeyS"]);
  await until("Ann walks on", async () => (await ann.known()).own, (own) => own.y > stood.y + 2);
  await ann.hold([]);
  await bo.sees(await ann.stands());
  await bo.page.click("#leave");
  await bo.page.waitForSelector("#lobby", { state: "visible" });
  const said = Date.now();
  await until("Bo's player is gone", async () => (await ann.reading()).players, (players) => players.length === 1);
  const goes = Date.now() - said;
  ensure(goes < LEFT_MAX, `Bo left on purpose and was there for ${goes} ms`);
  const expected = /WebSocket|ERR_CONNECTION/;
  ann.isContent(expected);
  bo.isContent(expected);
  await ann.close();
  await bo.close();
  return `a character that was made is there after the page is loaded again, with the same player where it stood; killed and started, both played on ${took} ms after the start; who left was gone after ${goes} ms`;
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
  await until("Bo sees the knight", () => bo.other("Ann the Knight"), (seen) => seen !== null);
}

async function choose(ann, character) {
  await ann.page.click('[data-opens="characters"]');
  await ann.page.click(`[data-character="${character}"]`);
  await ann.page.keyboard.press("Escape");
  await ann.page.focus("#canvas");
}
