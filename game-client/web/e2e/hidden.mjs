// A page that nobody looks at for half a minute comes back where it should be, without a burst.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const HIDDEN = 30_000;
/** Steps a second, and what the pace may be off by, as the design has it. */
const STEPS = 60;
const SLEW = 0.05;
const BEHIND = 6;

export async function scene() {
  const { base } = await ask("serve");
  const room = "hidden";
  const ann = await Player.openBare("Ann");
  await ann.come(base, room);
  const bo = await Player.enter(base, room, "Bo", { colour: 3 });
  await ann.walkTo(30, 30);
  await bo.walkTo(33, 33);

  const hidden = () => ann.page.evaluate(() => document.hidden);
  await ann.page.hide();
  await until("the page is hidden", hidden, 5_000);
  const frames = () => ann.page.evaluate(() => new Promise((resolve) => {
    let seen = 0;
    const frame = () => { seen += 1; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    setTimeout(() => resolve(seen), 1_000);
  }));
  ensure((await frames()) === 0, "a hidden page is shown frames");
  const end = Date.now() + HIDDEN;
  let turn = 0;
  while (Date.now() < end) {
    await bo.hold([turn % 2 === 0 ? "KeyD" : "KeyA"]);
    turn += 1;
    await sleep(1_000);
  }
  await bo.hold([]);
  ensure(await hidden(), "the page was shown");
  // From here on: a burst would come as soon as it is shown.
  const began = Date.now();
  const before = await ann.netcode();
  await ann.page.show();
  await until("frames come again", async () => (await frames()) > 5);
  await ann.hold(["KeyS"]);
  await sleep(2_000);
  await ann.hold([]);
  const after = await ann.netcode();
  const seconds = (Date.now() - began) / 1_000;
  // A hidden page takes a step when a snapshot comes, every 100 ms: so far it may be behind.
  const most = Math.ceil(seconds * STEPS * (1 + SLEW)) + BEHIND;
  ensure(after.steps - before.steps <= most, `${after.steps - before.steps} steps in ${seconds} s, at most ${most}`);
  ensure(after.connects === 1, `${after.connects} connections`);
  await sleep(1_000);
  const [own, seen] = [(await bo.seen()).own, await ann.other("Bo")];
  ensure(Math.hypot(own.x - seen.x, own.y - seen.y) < 0.05, { own, seen });
  const [annOwn, annSeen] = [(await ann.seen()).own, await bo.other("Ann")];
  ensure(Math.hypot(annOwn.x - annSeen.x, annOwn.y - annSeen.y) < 0.05, { annOwn, annSeen });
  const corrections = after.correctionsTotal - before.correctionsTotal;
  ann.isContent();
  await ann.close();
  await bo.close();
  return `hidden for ${HIDDEN / 1_000} s behind another tab: ${after.steps - before.steps} steps in the ${seconds.toFixed(1)} s after (at most ${most}), ${corrections} corrections, no offset, the same connection`;
}
