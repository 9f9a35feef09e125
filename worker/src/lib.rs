//! The room as a Durable Object: sockets, SQL, time and entropy for `authority::Room`.
//!
//! * No rule of the game stands here. What a message means and what a step does is the authority's business; this crate
//!   carries inputs to it and its outputs away.
//! * A callback reads the clock once and passes it on: the platform's clock stands still between I/O events.
//! * Nothing is borrowed across an `.await`: outputs are drained synchronously, and only then may anybody wait.
//! * Who somebody is, the gate decides before a room is woken. Without a secret it believes everybody: health and log
//!   say so.

mod alarm;
mod allowance;
mod answer;
mod attachment;
mod claim;
mod clerk;
mod closed_sockets;
mod cost;
mod damage;
mod driver;
mod entrance;
mod gate;
mod guesses;
mod host;
mod hydrate;
mod listed;
mod meter;
mod operators;
mod origins;
mod page;
mod panics;
mod pause;
mod rebuild;
mod recording;
mod refusal;
mod retention;
mod room_object;
mod routes;
mod rows;
mod rsa;
mod schema;
mod secret;
mod shapes;
mod sockets;
mod sql;
mod stats;
mod survey;
mod sweep;
mod tables;
mod timer;
mod unplayed;
mod users;
mod visitors;

use worker::{Context, Env, Request, Response, Result, event};

use crate::answer::{health, refuse};
use crate::gate::Gate;
use crate::routes::Route;

/// The binding of the rooms' namespace, in `wrangler.toml` and `config.capnp`.
const ROOMS: &str = "ROOMS";

/// Answers what needs no room and passes the rest on to the one that it names.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    match Route::parse(&request.path()) {
        Err(refusal) => refuse(&refusal),
        Ok(Route::Page) => page::page(&request, &env).await,
        Ok(Route::File) => page::file(&request, &env).await,
        Ok(Route::Health) => health(&Gate::of(&env)),
        Ok(Route::Socket { room }) => entrance::socket(&request, &env, &room).await,
        Ok(Route::Operator { room, ask }) => operators::ask(&request, &env, &room, ask).await,
    }
}
