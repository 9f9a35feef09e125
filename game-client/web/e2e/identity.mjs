// A browser is the same player in every room, in a new tab and after all tabs were closed; two tabs in one room are two players.

import { ask, ensure, until } from "./driver.mjs";
import { Player } from "./player.mjs";

export async function scene() {
  const { base } = await ask("serve");
  const ann = await Player.enter(base, "home", "Ann", { body: 1, colour: 2 });
  const { id } = await ann.walkTo(30, 30);
  await ann.build(30.5, 27.5);
  await until("it is stored", async () => (await ann.seen()).structures, (structures) => structures.length === 1);
  const token = await until("it has a token", () => ann.call("resume_token"));

  // A link to a room where the browser was never before.
  const away = await ann.tab();
  await away.page.goto(`${base}/room/away`);
  const told = await until("the other room knows the name", async () => own(await away.reading()), (one) => one?.name === "Ann");
  ensure(told.colour === 2, told);
  ensure((await ann.reading()).connection === "playing", "the first tab was thrown out by a tab in another room");

  // The same room once more: somebody else, while the first tab is there.
  const twin = await ann.tab();
  await twin.page.goto(`${base}/room/home`);
  // A name comes a moment after the one that the room gives.
  const areBoth = (players) => players.length === 2 && players.every(({ name }) => name === "Ann");
  await until("both are in, as Ann", async () => (await twin.reading()).players, areBoth);
  ensure(own(await twin.reading()).id !== id, "both tabs are one player");
  ensure((await ann.reading()).connection === "playing", "the first tab was thrown out by the second");
  const twinId = own(await twin.reading()).id;

  // All tabs are closed; the next one is the first player again, and the one after it the second.
  for (const tab of [away, twin, ann]) {
    await tab.page.close();
  }
  const again = await ann.tab();
  await again.page.goto(`${base}/room/home`);
  const back = await until("Ann is back", async () => own(await again.reading()), (one) => one !== undefined);
  ensure(back.id === id, `Ann was player ${id} and is ${back.id}`);
  ensure((await again.call("resume_token")) !== token, "the token of before is still good");
  const second = await ann.tab();
  await second.page.goto(`${base}/room/home`);
  const twinBack = await until("the other one is back", async () => own(await second.reading()), (one) => one !== undefined);
  ensure(twinBack.id === twinId, `the second tab was player ${twinId} and is ${twinBack.id}`);
  for (const tab of [ann, away, twin, again, second]) {
    tab.isContent();
  }
  await ann.close();
  return `a browser is one player by every link and after its tabs were closed; two tabs in a room are players ${id} and ${twinId}, both times`;
}

function own(reading) {
  return reading?.players.find((entry) => entry.own);
}
