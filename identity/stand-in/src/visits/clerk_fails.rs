//! Clerk is out of reach, answers nonsense, or has other keys.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use clerk_stand_in::{Clerk, Forge, Health, SigningKey};

use super::{
    ASKED_EVERY, CHECKED_FOR, IDENTITY_UNAVAILABLE, KEYS, RETRY, UNAUTHORIZED, Visits, good, id,
    seconds, session,
};

impl Visits {
    /// Clerk fails. Who was checked a moment ago gets in; who was not may try again.
    pub(super) fn outage(&mut self, clerk: &Clerk) -> anyhow::Result<()> {
        for (user, health) in [
            ("dora", Health::Down),
            ("eve", Health::Silent),
            ("fay", Health::Hanging),
        ] {
            let token = good(user)?;
            let checked = Instant::now();
            self.welcome(user, &format!("token={token}"))?;
            clerk.set_health(health);
            let cat = good("cat")?;
            self.turned_away(&cat, IDENTITY_UNAVAILABLE, "identity_session_unavailable")?;
            let again = self.welcome(user, &format!("token={token}"));
            again.with_context(|| {
                let since = checked.elapsed();
                format!("{user} was checked {since:?} ago, which is good for {CHECKED_FOR:?}")
            })?;
            std::thread::sleep(RETRY);
            clerk.set_health(Health::Up);
        }
        let cat = good("cat")?;
        self.welcome("cat", &format!("token={cat}")).map(drop)
    }

    /// Clerk answers with a set that has no key in it. Those that are known go on to be good.
    pub(super) fn emptied(&mut self, clerk: &Clerk) -> anyhow::Result<()> {
        let before = clerk.asked(KEYS);
        clerk.set_keys(&[]);
        let forge = Forge::new(&id("ann"), &session("ann"), seconds()?);
        let unknown = forge.sign(SigningKey::second());
        self.turned_away(&unknown, IDENTITY_UNAVAILABLE, "identity_keys_unavailable")?;
        ensure!(clerk.asked(KEYS) == before + 1, "Clerk was not asked");
        for user in ["ann", "bob", "cat"] {
            self.welcome(user, &format!("token={}", good(user)?))?;
        }
        Ok(())
    }

    /// A key that is not known is asked for, and then not again, however many come with keys that Clerk does not have.
    pub(super) fn rotation(&mut self, clerk: &Clerk) -> anyhow::Result<()> {
        let before = clerk.asked(KEYS);
        let began = Instant::now();
        clerk.set_keys(&[SigningKey::second().jwk()]);
        let forge = Forge::new(&id("bob"), &session("bob"), seconds()?);
        let token = forge.sign(SigningKey::second());
        self.welcome("bob", &format!("token={token}"))?;
        let token = good("ann")?;
        self.turned_away(&token, UNAUTHORIZED, "token_key_unknown")?;
        for number in 0..12 {
            let forge = Forge::new(&id("ann"), &session("ann"), seconds()?);
            let token = forge.header("kid", format!("ins_{number}"));
            let token = token.sign(SigningKey::second());
            self.turned_away(&token, UNAUTHORIZED, "token_key_unknown")?;
        }
        let asked = clerk.asked(KEYS) - before;
        // Once for the first, and again only for as long as these visits took on a slow machine.
        let took = began.elapsed();
        let most = 1 + took.as_millis() / ASKED_EVERY.as_millis();
        ensure!(
            asked >= 1 && u128::from(asked) <= most,
            "Clerk was asked for keys {asked} times in {took:?}, at most {most} times"
        );
        Ok(())
    }
}
