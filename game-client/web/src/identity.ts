// Who somebody is: with Clerk where the server asks for it, and otherwise whoever they say they are.

import { hostOf } from "./host.js";

interface Session {
  getToken: (options?: { skipCache?: boolean }) => Promise<string | null>;
}

/** What is used of Clerk's script. */
interface ClerkScript {
  load: () => Promise<void>;
  user: { fullName: string | null; username: string | null } | null | undefined;
  session: Session | null | undefined;
  openSignIn: (options: object) => void;
  signOut: () => Promise<void>;
  addListener: (changed: () => void) => void;
}

declare global {
  interface Window {
    Clerk?: ClerkScript;
  }
}

/** A token lasts a minute. */
const REFRESH_MS = 25_000;

export type Identity =
  | { kind: "anybody" }
  | { kind: "signedOut"; clerk: ClerkScript }
  | { kind: "signedIn"; clerk: ClerkScript; name: string }
  | { kind: "unavailable"; why: string };

interface Health {
  auth?: string;
  clerkPublishableKey?: string | null;
}

/** Asks the server whom it lets in, and whether this is somebody of them. */
export async function whoIsThere(): Promise<Identity> {
  let health: Health;
  try {
    const answer = await fetch("/api/health");
    health = (await answer.json()) as Health;
  } catch {
    return unavailable("The server does not answer. Look whether you are online, and load the page again.");
  }
  if (health.auth === "permissive") {
    return { kind: "anybody" };
  }
  if (health.auth !== "clerk") {
    return unavailable("This server is not set up fully: nobody can come in. Whoever runs it finds why in its log.");
  }
  const key = health.clerkPublishableKey;
  if (key === undefined || key === null) {
    return unavailable("This server wants people to sign in, but does not say where. Whoever runs it sets CLERK_PUBLISHABLE_KEY.");
  }
  const clerk = await script(key).catch(() => null);
  if (clerk === null) {
    return unavailable("Signing in does not work at the moment. Look whether you are online, and load the page again.");
  }
  return clerk.user ? { kind: "signedIn", clerk, name: nameOf(clerk) } : { kind: "signedOut", clerk };
}

function unavailable(why: string): Identity {
  return { kind: "unavailable", why };
}

function nameOf(clerk: ClerkScript): string {
  return clerk.user?.fullName ?? clerk.user?.username ?? "somebody";
}

async function script(key: string): Promise<ClerkScript> {
  const host = hostOf(key);
  if (host === null) {
    throw new Error("no publishable key");
  }
  const element = document.createElement("script");
  element.src = `https://${host}/npm/@clerk/clerk-js@5/dist/clerk.browser.js`;
  element.crossOrigin = "anonymous";
  element.dataset["clerkPublishableKey"] = key;
  const loaded = new Promise<void>((resolve, reject) => {
    element.addEventListener("load", () => resolve());
    element.addEventListener("error", () => reject(new Error("not loaded")));
  });
  document.head.append(element);
  await loaded;
  const clerk = window.Clerk;
  if (clerk === undefined) {
    throw new Error("no Clerk");
  }
  await clerk.load();
  return clerk;
}

/** Opens Clerk's own sign-in, and loads the page again once somebody is signed in. */
export function signIn(clerk: ClerkScript): void {
  clerk.addListener(() => {
    if (clerk.user) {
      location.reload();
    }
  });
  clerk.openSignIn({});
}

/** A token for the next connection; none if the session has ended. */
export async function token(clerk: ClerkScript): Promise<string | null> {
  try {
    return (await clerk.session?.getToken()) ?? null;
  } catch {
    return null;
  }
}

/** Keeps a good token at hand, as a connection may be made again at any time. */
export function keepToken(clerk: ClerkScript, give: (token: string | null) => void): void {
  setInterval(() => {
    void token(clerk).then(give);
  }, REFRESH_MS);
}
