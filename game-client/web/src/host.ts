// Where Clerk is: its keys say so.

/** The host that a publishable key names: `pk_test_` or `pk_live_`, and then the host and a dollar in base64. */
export function hostOf(key: string): string | null {
  const coded = /^pk_(?:test|live)_([A-Za-z0-9+/=]+)$/.exec(key)?.[1];
  if (coded === undefined) {
    return null;
  }
  try {
    const host = atob(coded);
    return /^[a-z0-9.-]+\$$/.test(host) ? host.slice(0, -1) : null;
  } catch {
    return null;
  }
}
