// The game comes while the front page is shown, compressed and once; on a slow line a bar says how much is there.

import { ask, ensure, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const MODULE = "/client_bg.wasm";
/** A line on which the game takes seconds, in bytes a second. */
const SLOW = 1_500_000;
/** What an answer without a body is at most. */
const ANSWER_BYTES_MAX = 2_000;

export async function scene() {
  const { base } = await ask("serve");
  const size = await ahead(base);
  const looks = await shown(base, size);
  return `${size.encoded} bytes on the line for a game of ${size.decoded}, once; the bar moved ${looks} times`;
}

/** Who reads the front page has the game when the room is entered. */
async function ahead(base) {
  const ann = await Player.openKept("Ann");
  await ann.lobby(base);
  const first = await until("the game has come to the front page", () => fetched(ann, base), (entry) => entry?.ended > 0);
  ensure(first.encoded > 0 && first.encoded < first.decoded / 2, first);
  await ann.fillLobby("ahead");
  await ann.page.click("#enter-button");
  await ann.plays();
  const again = await fetched(ann, base);
  ensure(again.transferred < ANSWER_BYTES_MAX, again);
  ensure(again.decoded === first.decoded, { first, again });
  ensure(await ann.page.isHidden("#loading"), "the bar stays");
  ann.isContent();
  await ann.close();
  return first;
}

/** Who comes by a link on a slow line sees how much is there. */
async function shown(base, size) {
  const bo = await Player.open("Bo");
  const line = await bo.page.context().newCDPSession(bo.page);
  await line.send("Network.enable");
  await line.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: SLOW, uploadThroughput: SLOW });
  await bo.page.addInitScript(() => {
    window.looks = [];
    const look = () => {
      const bar = document.querySelector("#loading-bar");
      const shown = document.querySelector("#loading");
      if (bar && !shown.hidden && window.looks.at(-1)?.value !== bar.value) {
        window.looks.push({ value: bar.value, max: bar.max, says: document.querySelector("#loading-says").textContent });
      }
      setTimeout(look, 20);
    };
    look();
  });
  await bo.page.goto(`${base}/room/slow-line`);
  await bo.plays();
  const looks = await bo.page.evaluate(() => window.looks);
  ensure(looks.length >= 5, looks);
  for (const [index, { value, max, says }] of looks.entries()) {
    ensure(max === size.decoded && value <= max, looks[index]);
    ensure(index === 0 || value > looks[index - 1].value, looks.slice(index - 1, index + 1));
    ensure(value === 0 || says.endsWith(`of ${(size.decoded / 1e6).toFixed(1)} MB`), says);
  }
  ensure(looks.at(-1).value > size.decoded / 2, looks.at(-1));
  ensure(await bo.page.isHidden("#loading"), "the bar stays");
  bo.isContent();
  await bo.close();
  return looks.length;
}

/** What the browser says of the module's coming; null before it is asked for. */
function fetched(player, base) {
  return player.page.evaluate((url) => {
    const entry = performance.getEntriesByName(url)[0];
    return entry === undefined
      ? null
      : { ended: entry.responseEnd, encoded: entry.encodedBodySize, decoded: entry.decodedBodySize, transferred: entry.transferSize };
  }, base + MODULE);
}
