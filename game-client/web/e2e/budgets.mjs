// What the client costs: bytes to download, time until somebody plays, and time for a frame in a full arena.

import { constants, brotliCompressSync } from "node:zlib";

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const ROOM = "full";
const DOWNLOAD_MAX = 3_000_000;
const STARTS = 3;
/** The others; the page's own player makes it sixteen. */
const BOTS = 15;
const MEASURED_MS = 15_000;
const SIZES = [{ width: 480, height: 270 }, { width: 960, height: 540 }];

export async function scene() {
  await ask("furnish", { room: ROOM });
  const { base } = await ask("serve");
  const lines = ["", ...(await downloads(base)), ...(await starts(base)), ...(await frames(base))];
  return lines.join("\n");
}

/** Everything that the page of a room loads, as a platform with brotli sends it. */
async function downloads(base) {
  const ann = await Player.enter(base, "empty", "Ann");
  const names = await ann.page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  await ann.close();
  const paths = new Set(names.map((name) => new URL(name).pathname).filter((path) => !path.startsWith("/api/")));
  const files = [];
  for (const path of ["/", ...paths]) {
    files.push({ path, bytes: Buffer.from(await (await fetch(base + path)).arrayBuffer()) });
  }
  const rows = [];
  for (const { path, bytes } of files) {
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
    rows.push({ path, raw: bytes.length, packed: brotliCompressSync(bytes, options).length });
  }
  rows.sort((a, b) => b.packed - a.packed);
  const total = rows.reduce((sum, { packed }) => sum + packed, 0);
  ensure(total <= DOWNLOAD_MAX, `${total} bytes to download, at most ${DOWNLOAD_MAX}: ${JSON.stringify(rows)}`);
  return [
    `download, brotli 11: ${total} bytes of at most ${DOWNLOAD_MAX}`,
    ...rows.map(({ path, raw, packed }) => `  ${path.padEnd(18)} ${`${packed}`.padStart(8)} of ${raw}`),
  ];
}

/** From the page's address to the first frame with the own player in it, with nothing kept from before. */
async function starts(base) {
  const times = [];
  for (let start = 0; start < STARTS; start += 1) {
    const ann = await Player.open("Ann");
    await ann.page.addInitScript(() => {
      const own = async () => {
        try {
          return JSON.parse((await import("/client.js")).seen()).own;
        } catch {
          // The game is not loaded yet.
          return null;
        }
      };
      const look = async () => {
        if ((await own()) !== null) {
          globalThis.playable = performance.now();
        } else {
          requestAnimationFrame(look);
        }
      };
      addEventListener("load", () => requestAnimationFrame(look));
    });
    await ann.page.goto(`${base}/room/empty`);
    times.push(await until("Ann plays", () => ann.page.evaluate(() => globalThis.playable)));
    await ann.close();
  }
  const sorted = times.map(Math.round).sort((a, b) => a - b);
  return [`first playable frame, on loopback: ${sorted[Math.floor(STARTS / 2)]} ms (${sorted.join(", ")})`];
}

async function frames(base) {
  await ask("bots", { room: ROOM, count: BOTS, kind: "walker", shoots: true });
  const ann = await Player.enter(base, ROOM, "Ann");
  await until("everybody is there", async () => (await ann.seen()).players, (players) => players.length === BOTS);
  // Beside the structures; whoever is shot down comes back elsewhere.
  await ann.walkTo(12, 32).catch(() => {});
  const lines = [];
  for (const viewport of SIZES) {
    await ann.page.setViewportSize(viewport);
    await sleep(2_000);
    lines.push(await measured(ann, viewport));
  }
  await ann.close();
  return lines;
}

async function measured(ann, { width, height }) {
  const session = await ann.page.context().newCDPSession(ann.page);
  await session.send("Performance.enable");
  const metrics = async () => {
    const told = await session.send("Performance.getMetrics");
    return Object.fromEntries(told.metrics.map(({ name, value }) => [name, value]));
  };
  const before = await metrics();
  const counted = ann.page.evaluate(
    (length) =>
      new Promise((resolve) => {
        const end = performance.now() + length;
        let frames = 0;
        const frame = () => {
          frames += 1;
          performance.now() < end ? requestAnimationFrame(frame) : resolve(frames);
        };
        requestAnimationFrame(frame);
      }),
    MEASURED_MS,
  );
  const shots = [];
  let seen;
  for (let look = 0; look < 20; look += 1) {
    seen = await ann.seen();
    shots.push(seen.shots);
    await sleep(MEASURED_MS / 25);
  }
  const frames = await counted;
  const after = await metrics();
  const each = (name) => (((after[name] - before[name]) / frames) * 1_000).toFixed(2);
  const mean = shots.reduce((sum, now) => sum + now, 0) / shots.length;
  return (
    `${width} x ${height}: ${((frames / MEASURED_MS) * 1_000).toFixed(1)} frames/s, ` +
    `${each("TaskDuration")} ms of the main thread a frame, ${each("ScriptDuration")} of them script; ` +
    `${seen.players.length + 1} players, ${seen.structures.length} structures, ` +
    `${mean.toFixed(0)} shots on average and at most ${Math.max(...shots)}, ${seen.sprites} pictures`
  );
}
