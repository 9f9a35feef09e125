// A page that nobody looks at for half a minute comes back where it should be, without a burst.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const HIDDEN = 30_000;
/** Steps a second, and what the pace may be off by, as the design has it. */
const STEPS = 60;
const SLEW = 0.05;
/** A hidden page takes a step when a snapshot comes, every 100 ms: so far it may be behind. */
const BEHIND = 6;

export async function scene() {
  const { base } = await ask("serve");
  const room = "hidden";
  const ann = await Player.openBare("Ann");
  await ann.come(base, room);
  const bo = await Player.enter(base, room, "Bo", { colour: 3 });
  const from = await ann.walkTo(30, 30);
  await bo.walkTo(33, 33);

  const hidden = () => ann.page.evaluate(() => document.hidden);
  await ann.page.hide();
  await until("Ann's page is hidden", hidden);
  const frames = () => ann.page.evaluate(() => new Promise((resolve) => {
    let seen = 0;
    const frame = () => { seen += 1; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    setTimeout(() => resolve(seen), 1_000);
  }));
  // The last one may have been on its way.
  await until("a hidden page is shown no frame in a second", frames, (seen) => seen === 0);
  const end = Date.now() + HIDDEN;
  let turn = 0;
  while (Date.now() < end) {
    await bo.hold([turn % 2 === 0 ? "KeyD" : "KeyA"]);
    turn += 1;
    await sleep(1_000);
  }
  await bo.hold([]);
  ensure(await hidden(), "Ann's page was shown");
  // From here on: a burst would come as soon as it is shown.
  const began = Date.now();
  const before = await ann.netcode();
  await ann.page.show();
  await until("frames come again", frames, (seen) => seen > 5);
  await ann.hold(["KeyS"]);
  await until("Ann walks", async () => (await ann.known()).own, (own) => own.y > from.y + 6);
  await ann.hold([]);
  const after = await ann.netcode();
  const seconds = (Date.now() - began) / 1_000;
  // Where the machine kept the newest snapshot waiting, the page is behind by the steps since the one before.
  const { age } = before.snapshots.at(-1);
  const behind = Math.max(BEHIND, Math.ceil((age / 1_000) * STEPS));
  const most = Math.ceil(seconds * STEPS * (1 + SLEW)) + behind;
  const steps = after.steps - before.steps;
  ensure(steps <= most, `${steps} steps in ${seconds} s, at most ${most}; the newest snapshot was ${age} ms old`);
  ensure(after.connects === 1, `${after.connects} connections`);
  const [annStands, boStands] = [await ann.stands(), await bo.stands()];
  await ann.sees(boStands);
  await bo.sees(annStands);
  const corrections = after.correctionsTotal - before.correctionsTotal;
  ann.isContent();
  await ann.close();
  await bo.close();
  return `hidden for ${HIDDEN / 1_000} s behind another tab: ${steps} steps in the ${seconds.toFixed(1)} s after (at most ${most}), ${corrections} corrections, no offset, the same connection`;
}
