// Who is signed out, and whose session has ended, sees why and what to do; who signs in plays. Clerk's script is stood in
// for, its tokens are signed by the stand-in's key, and the worker checks them as it checks Clerk's.

import { ask, ensure, until } from "./driver.mjs";
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

export async function scene() {
  const { base } = await ask("serve", { clerk: true });
  await ask("session", { session: SESSION, user: USER, status: "active" });
  const ann = await Player.open("Ann");
  let secondsAgo = 0;
  await ann.page.exposeFunction("standInToken", async () => {
    const { token } = await ask("token", { user: USER, session: SESSION, secondsAgo });
    return token;
  });
  await ann.page.route("https://clerk.bitfort.test/**", (route) =>
    route.fulfill({ contentType: "text/javascript", headers: { "Access-Control-Allow-Origin": "*" }, body: SCRIPT }),
  );

  // Signed out: a door, and a way in.
  await ann.page.goto(`${base}/room/clerk`);
  await ann.page.waitForSelector("#door", { state: "visible" });
  const door = await ann.page.textContent("#door-text");
  ensure(door.includes("signed out"), door);
  ensure(!(await ann.page.isVisible("#game")), "the game is shown to nobody");
  await ann.page.click("#sign-in");
  await ann.plays();
  const { id } = (await ann.seen()).own;

  // A token that is too old at the next page: the room says so, and the way on is to sign in.
  secondsAgo = 600;
  await ann.page.reload();
  await ended(ann, "an old token");
  secondsAgo = 0;
  await ann.page.click("#state-next");
  await ann.page.reload();
  await ann.plays();
  ensure((await ann.seen()).own.id === id, "signed in again, Ann is somebody else");

  // The session ends elsewhere while the room is away: the token is good, and Clerk says no.
  await ask("session", { session: SESSION, user: USER, status: "revoked" });
  await ask("kill");
  await until("the connection is lost", async () => (await ann.reading()).connection === "connecting");
  await ask("start");
  await ended(ann, "a session that has ended");
  ann.isContent(/WebSocket|ERR_CONNECTION/);
  await ann.close();
  return "signed out, an old token and a session that has ended each show what to do; signing in leads to the same player";
}

async function ended(player, why) {
  await player.page.waitForSelector("#state-next", { state: "visible", timeout: 30_000 });
  const [text, next] = [await player.page.textContent("#state-text"), await player.page.textContent("#state-next")];
  ensure(/signed|sign in/i.test(text) && next === "Sign in", `${why}: ${text} [${next}]`);
}
