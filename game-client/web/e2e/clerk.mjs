// Who is signed out, and whose session has ended, sees why and what to do; who signs in plays. Clerk out of reach is neither:
// the player comes back by itself. Clerk's script is stood in for, its tokens are signed by the stand-in's key, and the worker
// checks them as it checks Clerk's.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const USER = "user_ann";
const SESSION = "sess_ann";

/** What the page uses of Clerk's script. Whether somebody is signed in outlives the page, as a cookie does. */
const SCRIPT = `
  const listeners = [];
  const signedIn = () => localStorage.getItem("stand-in") !== null;
  window.Clerk = {
    load: async () => {},
    get user() { return signedIn() ? { fullName: "Ann", username: null } : null; },
    get session() { return signedIn() ? { getToken: () => window.standInToken() } : null; },
    openSignIn: () => { localStorage.setItem("stand-in", "1"); for (const told of listeners) told(); },
    signOut: async () => localStorage.removeItem("stand-in"),
    addListener: (told) => listeners.push(told),
  };
`;

/** How long it may take from the server's return until somebody plays: the longest wait between two attempts, and a bit. */
const BACK_MAX = 15_000;

/** What a token lasts that is given `MOST_SECONDS_AGO`, on the page's own count. */
const LEFT_MS = 6_000;
const MOST_SECONDS_AGO = 60 - LEFT_MS / 1_000;

export async function scene() {
  const { base } = await ask("serve", { clerk: true });
  await ask("session", { session: SESSION, user: USER, status: "active" });
  const ann = await Player.open("Ann");
  const clerk = { reachable: true, secondsAgo: 0, asked: 0 };
  await ann.page.exposeFunction("standInToken", async () => {
    clerk.asked += 1;
    if (!clerk.reachable) {
      throw new Error("Failed to fetch");
    }
    const { token } = await ask("token", { user: USER, session: SESSION, secondsAgo: clerk.secondsAgo });
    return token;
  });
  await ann.page.route("https://clerk.bitfort.test/**", (route) =>
    route.fulfill({ contentType: "text/javascript", headers: { "Access-Control-Allow-Origin": "*" }, body: SCRIPT }),
  );
  const addresses = [];
  ann.page.on("websocket", (socket) => addresses.push(socket.url()));

  // Signed out: a door, and a way in.
  await ann.page.goto(`${base}/room/clerk`);
  await ann.page.waitForSelector("#door", { state: "visible" });
  const door = await ann.page.textContent("#door-text");
  ensure(door.includes("signed out"), door);
  ensure(!(await ann.page.isVisible("#game")), "the game is shown to nobody");
  await ann.page.click("#sign-in");
  await ann.plays();
  const { id } = (await ann.seen()).own;

  // Clerk is out of reach while the connection drops: the token at hand is still good.
  clerk.reachable = false;
  await drop(ann);
  await comesBack(ann, id, "with the token at hand");

  // And for longer than the token lasts: it is asked for again and again, and nothing ends.
  clerk.reachable = true;
  clerk.secondsAgo = MOST_SECONDS_AGO;
  await ann.page.reload();
  await comesBack(ann, id, "after a reload");
  clerk.reachable = false;
  await sleep(LEFT_MS + 500);
  let before = addresses.length;
  await drop(ann);
  await triesAgain(ann, clerk, "without a token");
  ensure(addresses.length === before, "a connection was made with a token that was over");
  clerk.reachable = true;
  clerk.secondsAgo = 0;
  await comesBack(ann, id, "when Clerk is back");

  // A token that is too old is refused, and a new one is asked for.
  clerk.secondsAgo = 600;
  await ann.page.reload();
  before = addresses.length;
  await triesAgain(ann, clerk, "with an old token");
  ensure(addresses.length > before, "the room was not asked");
  clerk.secondsAgo = 0;
  await comesBack(ann, id, "with a new token");

  // A sign-out is the end: the room is asked once, without a token.
  await ann.page.evaluate(() => window.Clerk.signOut());
  await drop(ann);
  await ended(ann, "a sign-out");
  await ann.page.click("#state-next");
  await comesBack(ann, id, "signed in again");

  // The session ends elsewhere while the room is away: the token is good, and Clerk says no.
  await ask("session", { session: SESSION, user: USER, status: "revoked" });
  await drop(ann);
  await ended(ann, "a session that has ended");
  const told = addresses.find((address) => address.includes("?"));
  ensure(told === undefined, `something is told in an address: ${told}`);
  ann.isContent(/WebSocket|ERR_CONNECTION|Failed to fetch/);
  await ann.close();
  return `Clerk out of reach for a moment, for longer than a token lasts, and a token that is too old each led back to the same player; signed out and a session that has ended each show what to do; ${addresses.length} sockets, no token in an address`;
}

/** The server goes and comes. */
async function drop(player) {
  await ask("kill");
  await until("the connection is lost", async () => (await player.reading()).connection, (connection) => connection === "connecting");
  await ask("start");
}

async function comesBack(player, id, how) {
  await player.plays(BACK_MAX);
  const { own } = await player.seen();
  ensure(own.id === id, `${how} ${player.name} is ${own.id}, not ${id}`);
}

/** The page goes on asking for a token, and nothing is over. */
async function triesAgain(player, clerk, how) {
  const before = clerk.asked;
  await until(`it is asked again ${how}`, () => clerk.asked, (asked) => asked >= before + 3);
  ensure((await player.reading()).connection === "connecting", `${how} the connection is not made again`);
  ensure(!(await player.page.isVisible("#state-next")), `${how} it is over`);
}

async function ended(player, why) {
  await player.page.waitForSelector("#state-next", { state: "visible" });
  const [text, next] = [await player.page.textContent("#state-text"), await player.page.textContent("#state-next")];
  ensure(/signed|sign in/i.test(text) && next === "Sign in", `${why}: ${text} [${next}]`);
}
