// Whether somebody stays signed in when Clerk cannot be reached. Clerk is played by hand, and time is a number.

import assert from "node:assert/strict";
import { test } from "node:test";

import { keepToken } from "../src/identity.ts";
import { waitAfter } from "../src/patience.ts";
import { spanOf, Tokens } from "../src/tokens.ts";

const LIFE_MS = 60_000;
const BEGAN = 1_800_000_000_000;

/** A token of Clerk's shape, made at this moment. */
function made(at, name = "a") {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ iat: at / 1_000, exp: (at + LIFE_MS) / 1_000, name: `${name}?>` })}.${name}`;
}

/** Clerk, and a clock. */
class Stage {
  now = BEGAN;
  asked = [];
  answer = () => made(this.now);
  session = {
    getToken: async (options) => {
      this.asked.push(options?.skipCache === true);
      return this.answer();
    },
  };
  tokens = new Tokens(this, () => this.now, 20);

  next(refused = false) {
    return this.tokens.next(refused);
  }

  offline() {
    this.answer = () => {
      throw new Error("Failed to fetch");
    };
  }
}

test("a lost line signs nobody out", async () => {
  const ticks = [];
  const set = globalThis.setInterval;
  globalThis.setInterval = (does) => ticks.push(does);
  const stage = new Stage();
  const given = [];
  keepToken(stage, (token) => given.push(token));
  globalThis.setInterval = set;
  const pass = async () => {
    for (const tick of ticks) {
      tick();
    }
    await new Promise((done) => setTimeout(done, 5));
  };
  await pass();
  const good = made(BEGAN);
  stage.offline();
  await pass();
  stage.answer = () => null;
  await pass();
  assert.equal(stage.asked.length, 3, "it is asked for again");
  assert.deepEqual(given, [good]);
});

test("each connection has a token of its own", async () => {
  const stage = new Stage();
  const first = await stage.next();
  stage.now += 10_000;
  const second = await stage.next();
  assert.notEqual(first, second);
  assert.equal(second, made(stage.now));
});

test("what is at hand is used while Clerk cannot be reached, as long as it is good", async () => {
  for (const out of [(stage) => stage.offline(), (stage) => (stage.answer = () => null), (stage) => (stage.answer = () => new Promise(() => {}))]) {
    const stage = new Stage();
    const good = await stage.next();
    out(stage);
    stage.now += LIFE_MS - 1;
    assert.equal(await stage.next(), good);
    stage.now += 1;
    await assert.rejects(stage.next(), "one that is over is never used");
    stage.answer = () => made(stage.now, "new");
    assert.equal(await stage.next(), made(stage.now, "new"), "and then it goes on");
  }
});

test("a token that was made a while ago is over earlier", async () => {
  const stage = new Stage();
  const old = made(BEGAN - 50_000);
  stage.answer = () => old;
  assert.equal(await stage.next(), old);
  stage.offline();
  stage.now += 9_999;
  assert.equal(await stage.next(), old);
  stage.now += 1;
  await assert.rejects(stage.next());
});

test("a token that comes twice is not younger for it", async () => {
  const stage = new Stage();
  // This clock is far behind Clerk's, so that only what passes here can be counted.
  const ahead = made(BEGAN + 3_600_000);
  stage.answer = () => ahead;
  await stage.next();
  stage.now += 40_000;
  assert.equal(await stage.next(), ahead);
  stage.offline();
  stage.now += 20_000;
  await assert.rejects(stage.next());
});

test("a clock that is wrong keeps nobody out", async () => {
  for (const off of [-3_600_000, 3_600_000]) {
    const stage = new Stage();
    const token = made(BEGAN + off);
    stage.answer = () => token;
    assert.equal(await stage.next(), token);
    stage.offline();
    assert.equal(await stage.next(), token);
    stage.now -= 1;
    await assert.rejects(stage.next(), "a clock that goes back tells nothing");
  }
});

test("a refused token is asked for anew and not used again", async () => {
  const stage = new Stage();
  const first = await stage.next();
  assert.deepEqual(stage.asked, [false]);
  stage.now += 1_000;
  const second = await stage.next(true);
  assert.deepEqual(stage.asked, [false, true], "past Clerk's cache");
  assert.notEqual(first, second);
  stage.offline();
  assert.equal(await stage.next(), second);
  await assert.rejects(stage.next(true), "what was refused is not at hand any more");
});

test("only a sign-out ends it", async () => {
  const stage = new Stage();
  await stage.next();
  const session = stage.session;
  stage.session = undefined;
  assert.notEqual(await stage.next(), null, "not known is not signed out");
  stage.session = session;
  stage.answer = () => {
    stage.session = null;
    return null;
  };
  assert.equal(await stage.next(), null, "it ended while it was asked");
  assert.equal(await stage.next(), null);
  stage.session = session;
  stage.offline();
  await assert.rejects(stage.next(), "what was at hand was of the session that ended");
});

test("a sign-out while Clerk does not answer counts", async () => {
  const stage = new Stage();
  await stage.next();
  stage.answer = () => {
    stage.session = null;
    throw new Error("401");
  };
  await assert.rejects(stage.next());
  assert.equal(await stage.next(), null);
});

test("what is no token of Clerk's tells no time", () => {
  for (const token of ["", "good", "a.b.c", "..", `a.${Buffer.from("{}").toString("base64url")}.c`, `a.${Buffer.from("[1]").toString("base64url")}.c`]) {
    assert.equal(spanOf(token, BEGAN), null, token);
  }
});

test("it is tried again rarely, and not by everybody at once", () => {
  assert.deepEqual([0, 1, 2, 10].map((attempts) => waitAfter(attempts, 1)), [1_000, 2_000, 4_000, 30_000]);
  assert.equal(waitAfter(0, 0), 500);
});
