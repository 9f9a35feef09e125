//! From a request at the edge to a room that is told who comes.
//!
//! * A room is reached through here alone. The request that it gets is made anew, so that nobody else can say who
//!   somebody is, and so that no token goes any further.
//! * A page cannot see why a socket was refused before it was open. So who is not let in gets a socket, an error in the
//!   protocol's own words, and a close.

use authority::ResumeHash;
use protocol::{
    CloseCode, Encoding, ErrorBody, ErrorCode, ServerBody, ServerMessage, encode_server,
};
use worker::{
    Env, Headers, Method, Request, RequestInit, Response, Result, WebSocket, WebSocketPair,
    console_error, console_log,
};

use crate::ROOMS;
use crate::allowance::address_key;
use crate::answer::refuse;
use crate::claim::{Claim, without_tokens};
use crate::driver::now;
use crate::gate::Gate;
use crate::page::host_and_port;
use crate::refusal::Refusal;
use crate::routes::negotiate;
use crate::visitors::Entries;

/// Header by which a room is told who comes.
pub(crate) const USER: &str = "Bitfort-User";

/// Header by which a room is told the hash of a resume token, in hexadecimal digits.
pub(crate) const RESUME: &str = "Bitfort-Resume";

/// Header by which a room is told the address that somebody comes from, as far as it counts.
pub(crate) const ADDRESS: &str = "Bitfort-Address";

/// Header by which a room is told that it may be a new one, and by which it tells that it was.
pub(crate) const NEW: &str = "Bitfort-New";

/// Header in which the platform tells the peer's address, whatever the peer sent in it.
const PEER: &str = "CF-Connecting-IP";

/// Bytes of a close frame's reason at most (RFC 6455).
const REASON_BYTES_MAX: usize = 123;

/// Somebody wants a socket.
pub(crate) async fn socket(request: &Request, env: &Env, room: &str) -> Result<Response> {
    let headers = request.headers();
    let upgrade = headers.get("Upgrade")?;
    if upgrade.is_none_or(|upgrade| !upgrade.eq_ignore_ascii_case("websocket")) {
        return refuse(&Refusal::upgrade_required());
    }
    let offered = headers.get("Sec-WebSocket-Protocol")?;
    let spoken = offered.as_deref().map(without_tokens);
    let (encoding, named) = match negotiate(spoken.as_deref()) {
        Ok(agreed) => agreed,
        Err(refusal) => return refuse(&refusal),
    };
    let claim = match claim(request, offered.as_deref())? {
        Ok(claim) => claim,
        Err(refusal) => return refuse(&refusal),
    };
    let peer = headers.get(PEER)?;
    let address = peer.as_deref().and_then(address_key);
    if !Entries::of_this_isolate(|entries| entries.may_knock(now(), address.as_deref())) {
        return refuse(&Refusal::too_many_connections());
    }
    let resume = claim.resume_token.as_deref();
    let resume = resume.map(|token| hex(ResumeHash::of(room, token)));
    let gate = Gate::of(env);
    let (origin, host) = (headers.get("Origin")?, host_and_port(&request.url()?));
    let admitted = gate.admit(origin.as_deref(), host.as_deref());
    let user = match admitted {
        Ok(()) => gate.user(claim).await,
        Err(refusal) => {
            let told: String = origin.unwrap_or_default().chars().take(100).collect();
            console_log!("a page of another origin is turned away: {told:?}");
            Err(refusal)
        }
    };
    let user = match user {
        Ok(user) => user,
        Err(refusal) => return turn_away(&refusal, encoding, named),
    };
    if !Entries::of_this_isolate(|entries| entries.may_enter(now(), &user)) {
        return refuse(&Refusal::too_many_connections());
    }
    let headers = Headers::new();
    headers.set("Upgrade", "websocket")?;
    if let Some(spoken) = spoken {
        headers.set("Sec-WebSocket-Protocol", &spoken)?;
    }
    headers.set(USER, &user)?;
    if let Some(resume) = resume {
        headers.set(RESUME, &resume)?;
    }
    if let Some(address) = &address {
        headers.set(ADDRESS, address)?;
    }
    // It is counted first and given back, so that many at once make no more rooms than one after the other.
    let may_make =
        Entries::of_this_isolate(|entries| entries.may_make_room(now(), &user, address.as_deref()));
    if may_make {
        headers.set(NEW, "1")?;
    }
    let response = pass_on(env, room, Method::Get, "ws", headers).await;
    let is_new = match &response {
        Ok(response) => response.headers().has(NEW)?,
        Err(_) => false,
    };
    if may_make && !is_new {
        Entries::of_this_isolate(|entries| entries.made_none(&user, address.as_deref()));
    }
    response
}

fn claim(request: &Request, offered: Option<&str>) -> Result<std::result::Result<Claim, Refusal>> {
    let url = request.url()?;
    let pairs = url.query_pairs();
    Ok(Claim::parse(
        pairs.map(|(name, value)| (name, value.into_owned())),
        offered,
    ))
}

/// Asks the room itself. One that cannot even be made, as when its database is none any more, is unavailable.
pub(crate) async fn pass_on(
    env: &Env,
    room: &str,
    method: Method,
    what: &str,
    headers: Headers,
) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(method).with_headers(headers);
    // The host is of no meaning: the room is named by its stub.
    let url = format!("https://room.invalid/api/rooms/{room}/{what}");
    let request = Request::new_with_init(&url, &init)?;
    let stub = env.durable_object(ROOMS)?.get_by_name(room)?;
    match stub.fetch_with_request(request).await {
        Ok(response) => Ok(response),
        Err(error) => {
            console_error!("room {room} gives no answer: {error}");
            refuse(&Refusal::room_unavailable())
        }
    }
}

/// Opens the socket to say why not.
fn turn_away(refusal: &Refusal, encoding: Encoding, named: bool) -> Result<Response> {
    let (code, close) = match refusal.status {
        401 => (ErrorCode::Unauthorized, CloseCode::Unauthorized),
        403 => (ErrorCode::OriginNotAllowed, CloseCode::OriginNotAllowed),
        503 => (
            ErrorCode::IdentityUnavailable,
            CloseCode::IdentityUnavailable,
        ),
        _ => return refuse(refusal),
    };
    let WebSocketPair { client, server } = WebSocketPair::new()?;
    server.accept()?;
    if let Err(error) = say(&server, refusal, code, close, encoding) {
        console_log!("whoever was refused did not wait to hear why: {error}");
    }
    let response = Response::from_websocket(client)?;
    if named {
        let headers = response.headers();
        headers.set("Sec-WebSocket-Protocol", encoding.subprotocol())?;
    }
    Ok(response)
}

fn say(
    socket: &WebSocket,
    refusal: &Refusal,
    code: ErrorCode,
    close: CloseCode,
    encoding: Encoding,
) -> Result<()> {
    let message = ServerMessage {
        server_time: now().0 as f64,
        // There is no room yet.
        step: sim_core::Step(0),
        body: ServerBody::Error(ErrorBody {
            code,
            message: refusal.message.clone(),
            field: refusal.field.map(str::to_owned),
            seq: None,
            fatal: true,
        }),
    };
    let bytes = encode_server(&message, encoding, None);
    match encoding {
        Encoding::Json => socket.send_with_str(String::from_utf8_lossy(&bytes))?,
        Encoding::Binary | Encoding::Binary1 => socket.send_with_bytes(bytes)?,
    }
    debug_assert!(refusal.code.len() <= REASON_BYTES_MAX);
    socket.close(Some(close.number()), Some(refusal.code))
}

fn hex(hash: ResumeHash) -> String {
    use std::fmt::Write as _;
    hash.0.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

/// The hash that the entrance told of. None when it told of none.
pub(crate) fn resume_hash(text: &str) -> Option<ResumeHash> {
    let mut hash = [0; 32];
    if text.len() != 2 * hash.len() {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(ResumeHash(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_survives_the_way_to_the_room() {
        let hash = ResumeHash::of("den", "0a1b");
        assert!(resume_hash(&hex(hash)) == Some(hash));
        assert!(resume_hash("0a1b").is_none() && resume_hash(&"x".repeat(64)).is_none());
    }
}
