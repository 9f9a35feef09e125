// The viewer: a file is opened, played, scrubbed and pointed at; a room's recording is fetched with the admin secret. At
// every step looked at, the world has the hash that the native rerun has.

import { readFile } from "node:fs/promises";
import { deflateSync } from "node:zlib";

import { PATIENCE, ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const GOLDEN = "builders-in-combat";

export async function scene() {
  const { base, pictures, adminSecret } = await ask("serve");
  const eve = await Player.open("Eve");
  const { page } = eve;
  const watching = () => eve.read("watching");

  // A file that is none, then one that is one.
  await page.goto(`${base}/replay`);
  await page.setInputFiles("#file", { name: "holiday.rec", mimeType: "application/octet-stream", buffer: Buffer.from("no recording") });
  await until("what is wrong is said", () => page.textContent("#drop-error"), (text) => text.includes("not a recording"));
  const { goldens } = await ask("goldens");
  const golden = goldens.find(({ path }) => path.includes(GOLDEN));
  await page.setInputFiles("#file", golden.path);
  await page.waitForSelector("#deck", { state: "visible" });
  const info = await eve.read("recording");
  ensure(info.firstStep === 0 && info.lastStep === golden.verdict.steps, info);

  // It plays by itself, and every hash that it passes is compared.
  const first = await until("it plays", watching, (now) => now?.step > 60);
  ensure(first.playing && first.checked.firstMismatch === null, first);
  await page.click("#to-play");
  const paused = await until("it pauses", watching, (now) => !now.playing);
  await eve.frames();
  await sleep(300);
  await eve.frames();
  const later = await watching();
  ensure(later.step === paused.step, `it goes on while it pauses: from step ${paused.step} to ${later.step}`);

  // Anywhere, forwards and backwards: the native rerun's hash.
  const steps = [1_900, 350, 1_203, 1_204, 0, golden.verdict.steps];
  for (const step of steps) {
    await page.fill("#step", `${step}`);
    await page.press("#step", "Tab");
    const now = await until(`step ${step} is shown`, watching, (at) => at.step === step);
    const { hash } = await ask("hash", { name: GOLDEN, step });
    ensure(now.hash === hash, `step ${step} is ${now.hash} here and ${hash} natively`);
  }
  const { checked } = await until("everything was compared", watching, ({ checked }) => checked.hashes === checked.hashesRecorded);
  ensure(checked.firstMismatch === null, checked);
  ensure((await eve.read("recording")).shootings.length > 0, "nobody was shot down in a recording of combat");

  // Faster, with another player followed, and a ghost for who is known.
  await page.selectOption("#follow", `${info.players[1].id}`);
  await page.selectOption("#speed", "4");
  await page.fill("#step", "600");
  await page.press("#step", "Tab");
  await until("step 600 is shown", watching, (now) => now.step === 600);
  await page.click("#to-play");
  await until("it has played on, and a client's ghost is shown", watching, ({ step, ghosts }) => step > 800 && ghosts.some(({ distance }) => distance !== null));
  await page.click("#to-play");
  const fast = await until("it pauses", watching, (now) => !now.playing);
  ensure(fast.speed === 4 && fast.follow === info.players[1].id, fast);
  const { shootings } = await eve.read("recording");
  const shown = shootings[Math.floor(shootings.length / 2)];
  await page.selectOption("#follow", `${shown.by}`);
  await page.fill("#step", `${shown.step - 20}`);
  await page.press("#step", "Tab");
  await eve.picture(`${pictures}/viewer.png`, { ready: () => sleep(2_000) });

  const moments = await whatHappened(eve, info.players, pictures);

  // A link to a step, in a new page, onto which the file is dropped.
  await page.goto("about:blank");
  await page.goto(`${base}/replay#step=777`);
  await drop(page, await readFile(golden.path));
  await page.waitForSelector("#deck", { state: "visible" });
  const pointed = await until("the step is shown", watching, (now) => now?.step === 777);
  ensure(!pointed.playing, pointed);

  // What is wrong with the next file is said where it can be seen, and what was copied stands.
  await drop(page, Buffer.from("no recording"));
  await until("what is wrong is said", () => page.innerText("#deck-error"), (text) => text.includes("not a recording"));
  ensure((await watching()).step === 777, "the recording that was open is gone");
  await page.click("#copy-step");
  await sleep(1_000);
  const copied = await page.innerText("#deck-copied");
  ensure(copied.includes("#step=777"), copied);

  // A clip plays from its first step to its last, of the player that the link names, and stops there once.
  await page.goto("about:blank");
  await page.goto(`${base}/replay#from=600&to=660&player=${info.players[2].id}`);
  await drop(page, await readFile(golden.path));
  await page.waitForSelector("#deck", { state: "visible" });
  const clipped = await until("the clip is over", watching, (now) => now !== null && now.step === 660 && !now.playing);
  ensure(clipped.follow === info.players[2].id, clipped);
  await page.click("#to-play");
  await until("it goes on behind the clip", watching, (now) => now.step > 670);

  await ofOtherRules(base, eve);
  const fetched = await fromRoom(base, adminSecret, eve);
  eve.isContent(/401/);
  await eve.close();
  return `${GOLDEN}: ${steps.length} steps forwards and backwards with the native hash, ${golden.verdict.hashesCompared} recorded hashes compared; ${moments} moments of a player as the tool tells them; one of other rules by their kernel; ${fetched}`;
}

/** The list of what happened to a player is the tool's, and leads from one moment to the next. */
async function whatHappened(eve, players, pictures) {
  const { page } = eve;
  const told = await Promise.all(players.map(async ({ id }) => ({ id, ...(await ask("why", { name: GOLDEN, player: id })) })));
  const corrected = ({ moments }) => moments.filter(({ what }) => what === "corrected").map(({ step }) => step);
  // Of whom there is most to tell.
  const [{ id: player, moments }] = told.sort((one, other) => corrected(other).length - corrected(one).length);
  const corrections = corrected({ moments });
  await page.selectOption("#follow", `${player}`);
  await page.click("#why summary");
  await page.selectOption("#why-filter", "");
  const listed = await until("it is listed", () => page.locator("#why-list button").allInnerTexts(), (rows) => rows.length === moments.length);
  moments.forEach(({ says }, nth) => ensure(listed[nth].endsWith(says), `${listed[nth]} is not ${says}`));
  await page.selectOption("#why-filter", "corrected");
  ensure(corrections.length > 2, `${corrections.length} corrections`);
  const at = (step) => until(`step ${step} is shown`, () => eve.read("watching"), (now) => now.step === step && !now.playing);
  await page.locator("#why-list button").nth(1).click();
  await at(corrections[1]);
  await page.click("#why-next");
  await at(corrections[2]);
  await page.click("#why-before");
  await at(corrections[1]);
  await page.press("#why-before", "Enter");
  await at(corrections[0]);
  ensure((await page.locator("#why-list button[aria-current]").count()) > 0, "no row is the one at hand");
  await eve.picture(`${pictures}/viewer-why.png`, { ready: () => sleep(1_000) });
  await page.click("#why summary");
  return moments.length;
}

/** A recording of other rules is refused without their kernel, and played by it. */
async function ofOtherRules(base, eve) {
  const { page } = eve;
  const step = 900;
  const { module, recording, verdict, info, hash } = await ask("other-rules", { step });
  await page.goto("about:blank");
  await page.goto(`${base}/replay`);
  await page.setInputFiles("#file", recording);
  await until("it is refused", () => page.textContent("#drop-error"), (text) => text.includes("no kernel of them here"));
  const { simVersion, rulesHash } = info;
  await page.route("**/kernels/index.json", (route) => route.fulfill({ json: [{ name: "other", simVersion, rulesHash }] }));
  const packed = deflateSync(await readFile(module));
  await page.route("**/kernels/other.wasm.zlib", (route) => route.fulfill({ body: packed, contentType: "application/zlib" }));
  await page.setInputFiles("#file", []);
  await page.setInputFiles("#file", recording);
  await page.waitForSelector("#deck", { state: "visible" });
  ensure((await eve.read("recording")).simVersion === simVersion, await eve.read("recording"));
  await page.check("#ghosts");
  await page.fill("#step", `${step}`);
  await page.press("#step", "Tab");
  const watching = () => eve.read("watching");
  const now = await until("the step is shown", watching, (at) => at.step === step);
  ensure(now.hash === hash, `step ${step} is ${now.hash} here and ${hash} by the tool`);
  const all = await until("everything was compared", watching, ({ checked }) => checked.hashes === checked.hashesRecorded);
  ensure(all.checked.firstMismatch === null && all.checked.hashes === verdict.hashesCompared, all);
  ensure(all.ghosts.some(({ distance }) => distance !== null), all.ghosts);
}

/** Lets a file fall onto the page. */
async function drop(page, bytes) {
  await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "dropped.rec"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, bytes.toString("base64"));
}

async function fromRoom(base, secret, eve) {
  const ann = await Player.enter(base, "seen", "Ann", { colour: 4 });
  await ann.walkTo(30, 30);
  const { step } = await ann.known();
  // The room writes every second what it saw.
  await until("the room has recorded it", () => ask("recording", { room: "seen" }), (recorded) => recorded.lastStep >= step);
  await ann.close();
  const { page } = eve;
  await page.goto("about:blank");
  await page.goto(`${base}/replay`);
  await page.fill("#fetch-room", "seen");
  await page.fill("#fetch-secret", "guessed");
  await page.click("#fetch button");
  await until("a wrong secret is told", () => page.textContent("#drop-error"), (text) => text.includes("not the admin secret"));
  await page.fill("#fetch-secret", secret);
  await page.click("#fetch button");
  await page.waitForSelector("#fetch-list button");
  await page.click("#fetch-list button");
  await page.waitForSelector("#deck", { state: "visible" });
  const last = (await eve.read("recording")).lastStep;
  const end = await until("it has come to its end", () => eve.read("watching"), (now) => now !== null && !now.playing && now.step === last, 2 * PATIENCE);
  ensure(end.checked.firstMismatch === null && end.checked.hashes > 100, end);
  return `a room's own recording, ${end.checked.hashes} steps, fetched with the secret`;
}
