//! A stand-in for Clerk, for tests: tokens with real RS256 signatures, and a server on loopback that vouches for them.
//!
//! * Its keys stand in this repository for everybody to read. Nothing that matters may ever trust them.

mod key;
mod server;
mod token;

pub use key::SigningKey;
pub use server::{Clerk, Health};
pub use token::{Forge, ISSUER, PARTY};
