// Who somebody is: with Clerk where the server asks for it, and otherwise whoever they say they are.

import { hostOf } from "./host.js";
import { sleep, waitAfter } from "./patience.js";
import type { Sessions } from "./tokens.js";

export { keepToken } from "./tokens.js";

/** What is used of Clerk's script. */
export interface ClerkScript extends Sessions {
  load: () => Promise<void>;
  /** Null when somebody is signed out, undefined while that is not known. */
  user: { fullName: string | null; username: string | null } | null | undefined;
  openSignIn: (options: object) => void;
  signOut: () => Promise<void>;
  addListener: (changed: () => void) => void;
}

declare global {
  interface Window {
    Clerk?: ClerkScript;
  }
}

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
    if (!answer.ok) {
      throw new Error(`${answer.status}`);
    }
    health = (await answer.json()) as Health;
  } catch {
    return unavailable("The server does not answer. Look whether you are online; it is asked again by itself.");
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
  // Clerk's script may have come, and Clerk not answer it: then it does not know who is there.
  if (clerk === null || clerk.user === undefined) {
    return unavailable("Signing in does not work at the moment. Look whether you are online; it is tried again by itself.");
  }
  return clerk.user ? { kind: "signedIn", clerk, name: nameOf(clerk) } : { kind: "signedOut", clerk };
}

/** Asks until it is known. What is in the way is told meanwhile. */
export async function whoComes(inTheWay: (why: string) => void): Promise<Exclude<Identity, { kind: "unavailable" }>> {
  for (let attempts = 0; ; attempts += 1) {
    const identity = await whoIsThere();
    if (identity.kind !== "unavailable") {
      return identity;
    }
    inTheWay(identity.why);
    await sleep(waitAfter(attempts));
  }
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
  if (window.Clerk === undefined) {
    document.head.append(element);
    await loaded.finally(() => element.remove());
  }
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
