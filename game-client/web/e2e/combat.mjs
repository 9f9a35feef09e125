// Two people meet, build, shoot each other down and come back; each sees what the other does.

import { ask, ensure, sleep, told, until } from "./driver.mjs";
import { takeNotes } from "./notes.mjs";
import { Player } from "./player.mjs";

/** From one snapshot to the next, in milliseconds. */
const SNAPSHOT = 100;
/** How often Bo walks for Ann until every snapshot has come in time. */
const WALKS_MAX = 20;
const WALKED = 4;

export async function scene() {
  const { base, pictures } = await ask("serve");
  const room = "combat";
  const ann = await Player.open("Ann");
  await ann.lobby(base);
  await ann.fillLobby(room, { body: 0, colour: 1 });
  const top = () => ann.page.evaluate(() => scrollTo(0, 0)).then(() => sleep(300));
  await ann.picture(`${pictures}/lobby.png`, { size: { width: 1_000, height: 760 }, ready: top });
  await ann.page.click("#enter-button");
  await ann.plays();
  const bo = await Player.enter(base, room, "Bo", { body: 2, colour: 0 });

  // They meet in the middle.
  await bo.sees(await ann.walkTo(28, 32));
  await ann.sees(await bo.walkTo(33, 32));
  const late = await walk(ann, bo);
  await bo.walkTo(33, 32);

  await build(ann, bo);
  await shoot(ann, bo, pictures);
  ann.isContent();
  bo.isContent();
  const corrections = [(await ann.netcode()).correctionsTotal, (await bo.netcode()).correctionsTotal];
  await ann.close();
  await bo.close();
  const again = late.length === 0 ? "" : `; walked again after snapshots that came ${late.join(", ")} ms late`;
  return `two pages saw each other walk, build, shoot, die and respawn; corrections ${corrections.join(" and ")}${again}`;
}

/**
 * One walks, and the other sees every bit of it. Others are drawn so far in the past that the next snapshot is there;
 * where one came later than that, the walk says nothing, whatever was seen of it. Returns how late those snapshots were.
 */
async function walk(ann, bo) {
  const late = [];
  while (late.length < WALKS_MAX) {
    const from = await bo.walkTo(33, 32);
    await ann.sees(from);
    const notes = await takeNotes(ann);
    const began = performance.now();
    await bo.hold(["KeyS"]);
    const { places } = await until(
      `Ann sees Bo walk ${WALKED} cells`,
      () => notes(from.id),
      ({ places }) => places.at(-1)?.y > from.y + WALKED,
    );
    const { snapshots, interpolationDelay } = await ann.netcode();
    const passed = performance.now() - began;
    await bo.hold([]);
    await ann.sees(await bo.stands());
    const latest = Math.max(...snapshots.filter(({ age }) => age < passed).map(({ delay }) => delay));
    if (latest <= interpolationDelay - SNAPSHOT) {
      const back = places.findIndex(({ y }, at) => at > 0 && y < places[at - 1].y);
      const around = places.slice(Math.max(0, back - 3), back + 3);
      ensure(back === -1, `Bo was seen walking back: ${told(around)}; the latest snapshot was ${latest} ms late`);
      return late;
    }
    late.push(Math.round(latest));
  }
  throw new Error(`nothing can be seen here: snapshots came ${late.join(", ")} ms late`);
}

async function build(ann, bo) {
  const before = (await bo.seen()).structures.length;
  await ann.page.keyboard.press("Digit2");
  await until("Ann builds gates", async () => (await ann.reading()).building, (building) => building === "gate");
  for (const [x, y] of [[26.5, 29.5], [27.5, 29.5], [28.5, 29.5]]) {
    await ann.build(x, y);
  }
  await until(
    "Bo sees three gates",
    async () => (await bo.seen()).structures,
    (structures) => structures.length === before + 3 && structures.every((one) => one.kind === "gate"),
  );
}

async function shoot(ann, bo, pictures) {
  const { id } = await bo.stands();
  await until("nobody is protected", () => ann.other("Bo"), (seen) => seen?.protected === false);
  const notes = [await takeNotes(ann), await takeNotes(bo)];
  await ann.page.mouse.down();
  let pictured = false;
  const fallen = await until(
    "Bo is shot down",
    async () => {
      const target = await ann.other("Bo");
      if (target?.alive) {
        await ann.aim(target.x, target.y);
      }
      const { own } = await bo.seen();
      if (!pictured && own.alive && own.health < 100) {
        pictured = true;
        await ann.page.mouse.up();
        await ann.picture(`${pictures}/combat.png`, { ready: () => fire(ann, target) });
        await ann.page.mouse.up();
        await ann.aim(target.x, target.y);
        await ann.page.mouse.down();
      }
      return notes[1]();
    },
    ({ fell }) => fell[id] > 0,
  );
  await ann.page.mouse.up();
  ensure(fallen.shots > 0, "Bo saw no shot");
  await until("Bo is back", notes[1], ({ fell, rose }) => rose[id] === fell[id]);
  // On a slow machine Ann has let go late: Bo may have fallen more than once.
  await bo.stands();
  const times = (await notes[1]()).fell[id];
  for (const [who, told] of [[ann, notes[0]], [bo, notes[1]]]) {
    await until(
      `${who.name} sees Bo fall and rise ${times} times, and the feed says who it was`,
      told,
      ({ fell, rose, feed }) =>
        fell[id] === times && rose[id] === times && feed.some((text) => text.includes("Ann") && text.includes("Bo")),
    );
    await until(
      `${who.name} is told of ${times} points`,
      async () => (await who.reading()).players,
      (players) => players.some((one) => one.name === "Ann" && one.score === times) && players.some((one) => one.name === "Bo" && one.deaths === times),
    );
  }
}

/** Shoots anew, so that a shot is on its way when the picture is taken. */
async function fire(ann, target) {
  await sleep(300);
  await ann.aim(target.x, target.y);
  await ann.page.mouse.down();
  await sleep(150);
}
