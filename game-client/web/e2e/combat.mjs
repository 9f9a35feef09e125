// Two people meet, build, shoot each other down and come back; each sees what the other does.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

export async function scene() {
  const { base, pictures } = await ask("serve");
  const room = "combat";
  const ann = await Player.open("Ann");
  await ann.page.goto(`${base}/`);
  await ann.fillLobby(room, { body: 0, colour: 1 });
  const top = () => ann.page.evaluate(() => scrollTo(0, 0)).then(() => sleep(300));
  await ann.picture(`${pictures}/lobby.png`, { size: { width: 1_000, height: 760 }, ready: top });
  await ann.page.click("#enter-button");
  await ann.plays();
  const bo = await Player.enter(base, room, "Bo", { body: 2, colour: 0 });

  // They meet in the middle.
  await ann.walkTo(28, 32);
  await bo.walkTo(33, 32);
  const [annSeen, boSeen] = [await bo.other("Ann"), await ann.other("Bo")];
  ensure(annSeen !== null && boSeen !== null, "they do not see each other");
  ensure(Math.abs(annSeen.x - 28) < 1 && Math.abs(boSeen.x - 33) < 1, { annSeen, boSeen });

  // One walks, and the other sees every bit of it. What is seen is a moment late, and who lets go slides a bit: first
  // Bo must be seen to stand.
  let last = null;
  await until("Ann sees Bo stand", async () => {
    const before = last;
    await sleep(300);
    last = (await ann.other("Bo")).y;
    return last === before;
  });
  await bo.hold(["KeyS"]);
  const places = [];
  for (let turn = 0; turn < 10; turn += 1) {
    places.push((await ann.other("Bo")).y);
    await sleep(100);
  }
  await bo.hold([]);
  const walked = places.at(-1) - places[0];
  ensure(walked > 2, `Bo was seen walking ${walked} cells`);
  ensure(places.every((y, at) => at === 0 || y >= places[at - 1]), `Bo was seen walking back: ${places}`);
  await bo.walkTo(33, 32);

  await build(ann, bo);
  await shoot(ann, bo, pictures);
  ann.isContent();
  bo.isContent();
  const corrections = [(await ann.netcode()).correctionsTotal, (await bo.netcode()).correctionsTotal];
  await ann.close();
  await bo.close();
  return `two pages saw each other walk, build, shoot, die and respawn; corrections ${corrections.join(" and ")}`;
}

async function build(ann, bo) {
  const before = (await bo.seen()).structures.length;
  await ann.page.keyboard.press("Digit2");
  for (const [x, y] of [[26.5, 29.5], [27.5, 29.5], [28.5, 29.5]]) {
    await ann.point(x, y);
    await sleep(120);
    await ann.page.mouse.down({ button: "right" });
    await sleep(350);
    await ann.page.mouse.up({ button: "right" });
  }
  await until("Bo sees three gates", async () => {
    const { structures } = await bo.seen();
    return structures.length === before + 3 && structures.every((one) => one.kind === "gate");
  });
}

async function shoot(ann, bo, pictures) {
  await bo.hold([]);
  await until("nobody is protected", async () => (await ann.other("Bo")).protected === false, 5_000);
  const scores = async (who) => (await who.reading()).players.map(({ name, score, deaths }) => ({ name, score, deaths }));
  await ann.page.mouse.down();
  let pictured = false;
  let seenShots = 0;
  await until(
    "Bo is shot down",
    async () => {
      const target = await ann.other("Bo");
      if (target !== null && target.alive) {
        await ann.point(target.x, target.y);
      }
      const own = await bo.seen();
      seenShots = Math.max(seenShots, own.shots);
      if (!pictured && own.own.health < 100) {
        pictured = true;
        await ann.page.mouse.up();
        await ann.picture(`${pictures}/combat.png`, { ready: () => fire(ann, target) });
        await ann.page.mouse.up();
        await ann.point(target.x, target.y);
        await ann.page.mouse.down();
      }
      return !own.own.alive;
    },
    30_000,
  );
  await ann.page.mouse.up();
  ensure(seenShots > 0, "Bo saw no shot");
  await until("Ann sees that Bo is down", async () => (await ann.other("Bo"))?.alive === false);
  for (const who of [ann, bo]) {
    const feed = await until("the feed says who it was", async () => {
      const text = await who.page.textContent("#feed");
      return text.includes("Ann") && text.includes("Bo") ? text : null;
    });
    ensure(feed.length > 0, feed);
    const told = await scores(who);
    const of = (name) => told.find((one) => one.name === name);
    ensure(of("Ann").score === 1 && of("Bo").deaths === 1, told);
  }
  await until("Bo is back", async () => (await bo.seen()).own.alive, 6_000);
  await until("Ann sees that Bo is back", async () => (await ann.other("Bo"))?.alive === true);
}

/** Shoots anew, so that a shot is on its way when the picture is taken. */
async function fire(ann, target) {
  await sleep(300);
  await ann.point(target.x, target.y);
  await ann.page.mouse.down();
  await sleep(150);
}
