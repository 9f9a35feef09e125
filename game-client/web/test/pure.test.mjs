// What of the page needs no browser. It is bundled before it runs: Node reads no TypeScript.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ACTIONS, bind, known, listed, mayBind, nameOf, takesAway, unbind, unbound } from "../src/bindings.ts";
import { freeId } from "../src/ids.ts";
import { hostOf } from "../src/host.ts";
import { guestLink, guestOfHash, roomLink, pointedLink, pointedOfHash } from "../src/link.ts";
import { complaint, faultOf, tidied } from "../src/names.ts";
import { asRoomCode, isRoomCode, newRoomCode, routeOf } from "../src/room-code.ts";
import { qualityOf } from "../src/quality.ts";
import { rowsOf } from "../src/rows.ts";
import { barHeight, placeOf, placeOfStep } from "../src/timeline.ts";

test("what somebody types is the code that they meant", () => {
  assert.equal(asRoomCode("  The Den "), "the-den");
  assert.equal(asRoomCode("x".repeat(40)).length, 32);
  for (const code of ["", "Den", "a/b", "ä", "x".repeat(33)]) {
    assert.equal(isRoomCode(code), false, code);
  }
});

test("a new code is one that the room takes", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    assert.ok(isRoomCode(newRoomCode(Uint32Array.of(seed * 7919, seed * 104729, seed * 1299709))));
  }
});

test("every address leads somewhere", () => {
  for (const path of ["/", "/index.html", "//"]) {
    assert.deepEqual(routeOf(path), { shows: "lobby" }, path);
  }
  for (const path of ["/replay", "/replay/"]) {
    assert.deepEqual(routeOf(path), { shows: "viewer" }, path);
  }
  for (const path of ["/room/den", "/room/den/"]) {
    assert.deepEqual(routeOf(path), { shows: "room", code: "den" }, path);
  }
  for (const path of ["/room/DEN", "/room/The%20Den/"]) {
    const code = path.includes("The") ? "the-den" : "den";
    assert.deepEqual(routeOf(path), { shows: "elsewhere", path: `/room/${code}` }, path);
  }
  for (const path of ["/room/", "/room/den/more", "/room/%C3%A4", "/room/%", "/replay/more", "/nowhere"]) {
    assert.equal(routeOf(path).shows, "nothing", path);
  }
});

test("whom the browser does not keep comes with the address", () => {
  const me = JSON.stringify({ name: "Zoë & Co #1", body: 3, colour: 11 });
  const link = guestLink("den", me);
  assert.ok(link.startsWith("/room/den#"));
  assert.equal(guestOfHash(link.slice(link.indexOf("#"))), me);
  for (const hash of ["", "#", "#as=", "#step=12", "#as=%"]) {
    assert.equal(guestOfHash(hash), null, hash);
  }
});

test("an action's keys can be taken away, and the keys that do so do nothing else", () => {
  const bindings = { KeyW: "up", ArrowUp: "up", KeyS: "down" };
  assert.deepEqual(unbind(bindings, "up"), { KeyS: "down" });
  for (const code of ["Delete", "Backspace"]) {
    assert.ok(takesAway(code) && !mayBind(code), code);
  }
  assert.equal(takesAway("KeyW"), false);
});

test("of the bindings of another build those are taken that this one knows", () => {
  assert.deepEqual(known({ KeyW: "up", KeyX: "dance", KeyY: 3, F3: "fire", "": "fire" }), { KeyW: "up" });
});

test("a name is refused with a reason before the room would", () => {
  assert.equal(complaint("Zoë"), null);
  assert.equal(complaint("𝕏".repeat(24)), null, "characters are counted, not halves of them");
  assert.match(complaint("  ") ?? "", /Type a name/);
  assert.match(complaint("x".repeat(25)) ?? "", /at most 24/);
  assert.match(complaint("a\u0007b") ?? "", /shows nothing/);
  assert.match(complaint("\u0301") ?? "", /mark/);
});

test("names that show nothing or disturb others are refused, and names of all scripts are taken", async () => {
  const { default: names } = await import("../../../protocol/tests/names.json", { with: { type: "json" } });
  for (const name of names.taken) {
    assert.equal(faultOf(name), null, JSON.stringify(name));
  }
  for (const [fault, all] of Object.entries(names.refused)) {
    for (const name of all) {
      assert.equal(faultOf(name), fault, JSON.stringify(name));
    }
  }
});

test("blanks of every kind are one blank, and none stands at an end", () => {
  assert.equal(tidied("\u3000 Anna\u00a0\u2003B\n"), "Anna B");
});

test("a key that is given to an action tells what it did before", () => {
  const { bindings, before } = bind({ KeyW: "up", Space: "fire" }, "Space", "up");
  assert.deepEqual(bindings, { KeyW: "up", Space: "up" });
  assert.equal(before, "fire");
  assert.ok(unbound(bindings).includes("fire"));
  assert.equal(bind({ KeyW: "up" }, "KeyW", "up").before, null);
  assert.equal(mayBind("Escape"), false);
});

test("every action is listed with its keys as they are printed", () => {
  const rows = listed({ KeyW: "up", ArrowUp: "up" }, new Map([["KeyW", "z"]]));
  assert.equal(rows.length, ACTIONS.length);
  assert.deepEqual(rows[0]?.keys, ["Z", "↑"]);
  assert.equal(nameOf("ShiftLeft", null), "Shift Left");
  assert.equal(nameOf("Digit3", null), "3");
});

test("a link to a step or a clip leads back to it", () => {
  const here = "https://play.example.com/replay?room=den&session=3#step=1";
  for (const what of [
    { step: 1234, to: null, player: null },
    { step: 0, to: null, player: 7 },
    { step: 600, to: 1200, player: null },
    { step: 600, to: 1200, player: 3 },
  ]) {
    assert.deepEqual(pointedOfHash(new URL(pointedLink(here, what)).hash), what);
  }
  for (const elsewhere of ["#step=-1", "#elsewhere", "#from=1", "#step=1&to=2", "#step=1&player=x"]) {
    assert.equal(pointedOfHash(elsewhere), null);
  }
  assert.equal(roomLink("https://play.example.com", "den"), "https://play.example.com/room/den");
});

test("a publishable key names its host and nothing else", () => {
  assert.equal(hostOf(`pk_test_${btoa("clerk.example.com$")}`), "clerk.example.com");
  for (const key of ["", "pk_test_", `pk_test_${btoa("clerk.example.com")}`, `pk_test_${btoa("a/b$")}`, "sk_test_aaaa"]) {
    assert.equal(hostOf(key), null, key);
  }
});

test("a new character has an id of its own", () => {
  assert.equal(freeId(["default"]), "character-2");
  assert.equal(freeId(["default", "character-2", "character-4"]), "character-3");
});

test("scales stay in their pictures", () => {
  assert.equal(placeOf(0, 320), 320);
  assert.equal(placeOf(99_999, 320), 0);
  assert.ok(barHeight(20, 40) > 1 && barHeight(20, 40) < barHeight(2_000, 40));
  assert.equal(barHeight(1e9, 40), 40);
  assert.equal(placeOfStep(150, 100, 200, 1_000), 500);
  assert.equal(placeOfStep(100, 100, 100, 1_000), 0);
});

test("how the line is is one word, and the worst of what there is to say", () => {
  const good = { connection: "playing", ping: 40, jitter: 5, corrections: 2, fps: 60 };
  assert.deepEqual(qualityOf(good), { quality: "good", why: "" });
  assert.deepEqual(qualityOf({ ...good, ping: null }), { quality: "good", why: "" });
  for (const [part, quality, why] of [
    [{ ping: 120 }, "fair", /far/],
    [{ ping: 250, jitter: 30 }, "bad", /far/],
    [{ jitter: 60, ping: 130 }, "bad", /unevenly/],
    [{ corrections: 20 }, "fair", /moved back/],
    [{ fps: 39 }, "fair", /draws slowly/],
    [{ fps: 20 }, "bad", /draws slowly/],
    [{ connection: "connecting" }, "bad", /no connection/],
  ]) {
    const told = qualityOf({ ...good, ...part });
    assert.equal(told.quality, quality, JSON.stringify(part));
    assert.match(told.why, why);
  }
});

test("whoever looks at the list is in it", () => {
  const list = (own, of) => Array.from({ length: of }, (_, id) => ({ id, own: id === own }));
  const ids = (entries) => entries.map(({ id }) => id);
  assert.deepEqual(ids(rowsOf(list(2, 4), 4)), [0, 1, 2, 3]);
  assert.deepEqual(ids(rowsOf(list(2, 32), 4)), [0, 1, 2, 3]);
  assert.deepEqual(ids(rowsOf(list(30, 32), 4)), [0, 1, 2, 30]);
  assert.deepEqual(ids(rowsOf(list(-1, 32), 4)), [0, 1, 2, 3], "a viewer is nobody");
});
