// The session token for each connection, from Clerk.
//
// * Clerk that cannot be reached is no sign-out: what is at hand stays as long as it is good, and then it is waited.
// * Only Clerk's own word that there is no session any more ends it.

/** What is used of a session of Clerk's. */
export interface Session {
  getToken: (options?: { skipCache?: boolean }) => Promise<string | null>;
}

/** What is used of Clerk here: null when somebody is signed out, undefined while that is not known. */
export interface Sessions {
  session: Session | null | undefined;
}

/** How long a connection waits for a new token before it is made with the one at hand. */
export const WAIT_MS = 4_000;

/** A token lasts a minute; one is asked for this often, so that one is at hand when Clerk cannot be reached. */
const REFRESH_MS = 25_000;

interface Span {
  /** How old the token was when it came, by its own word and this clock; 0 where the two do not fit together. */
  age: number;
  life: number;
}

/** How long a token lasts; null where it does not say so. Clocks may differ, so only lengths are taken from it. */
export function spanOf(token: string, now: number): Span | null {
  const claims = token.split(".")[1];
  if (claims === undefined) {
    return null;
  }
  try {
    const { iat, exp } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
    if (typeof iat !== "number" || typeof exp !== "number" || exp <= iat) {
      return null;
    }
    const life = (exp - iat) * 1_000;
    const age = now - iat * 1_000;
    return { age: age > 0 && age <= life ? age : 0, life };
  } catch {
    return null;
  }
}

/** A new token from Clerk. Null when somebody is signed out; it throws when that cannot be told at the moment. */
async function fresh(clerk: Sessions, skipCache: boolean): Promise<string | null> {
  const { session } = clerk;
  if (session === null) {
    return null;
  }
  const token = await session?.getToken(skipCache ? { skipCache } : undefined);
  if (token) {
    return token;
  }
  // Offline, Clerk gives nothing for a token too. Signed out, it has no session.
  if (clerk.session === null) {
    return null;
  }
  throw new Error("Clerk gives no token at the moment");
}

/** Gives a token again and again; what is not to be had is not given. */
export function keepToken(clerk: Sessions, give: (token: string) => void): void {
  setInterval(() => {
    fresh(clerk, false).then(
      (token) => {
        if (token !== null) {
          give(token);
        }
      },
      // It is asked for again soon, and the one at hand is not worse for it.
      () => undefined,
    );
  }, REFRESH_MS);
}

export class Tokens {
  readonly #clerk: Sessions;
  readonly #now: () => number;
  readonly #waitMs: number;
  #kept: { token: string; came: number; left: number } | null = null;
  /** A token that was refused although Clerk had just given it. */
  #given: string | null = null;

  constructor(clerk: Sessions, now: () => number = Date.now, waitMs: number = WAIT_MS) {
    this.#clerk = clerk;
    this.#now = now;
    this.#waitMs = waitMs;
  }

  /** Keeps a token at hand. */
  keep(): void {
    keepToken(this.#clerk, (token) => this.#take(token));
  }

  /**
   * The token for a connection that is about to be made, null when somebody is signed out. `refused` says that the last one
   * was refused as over. It throws when there is none at the moment: then the connection is tried again later.
   */
  async next(refused: boolean): Promise<string | null> {
    if (refused && this.#kept?.token === this.#given) {
      this.#kept = null;
    }
    try {
      this.#given = await this.#ask(refused);
    } catch (error) {
      this.#given = this.#atHand();
      if (this.#given === null) {
        throw error;
      }
    }
    return this.#given;
  }

  async #ask(skipCache: boolean): Promise<string | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("Clerk does not answer")), this.#waitMs);
    });
    const asked = fresh(this.#clerk, skipCache).then((token) => {
      if (token === null) {
        this.#kept = null;
      } else {
        this.#take(token);
      }
      return token;
    });
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #take(token: string): void {
    const came = this.#now();
    const span = spanOf(token, came);
    // The same one again is as old as it is, whatever the clock says by now.
    if (span !== null && token !== this.#kept?.token) {
      this.#kept = { token, came, left: span.life - span.age };
    }
  }

  #atHand(): string | null {
    const kept = this.#kept;
    if (kept === null || this.#clerk.session === null) {
      return null;
    }
    const passed = this.#now() - kept.came;
    // A clock that went back tells nothing of how long it has been.
    return passed >= 0 && passed < kept.left ? kept.token : null;
  }
}
