//! The connection of a program, against a socket that answers.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a panic is how a test fails, and a real socket takes real time"
)]

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use game_client::address::{Address, AddressError};
use game_client::native::{NativeDial, NativeSocket, Stopwatch};
use game_client::socket::{Arrival, Dial as _, Socket as _};
use netcode::Micros;
use protocol::Encoding;
use tungstenite::accept_hdr;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::protocol::CloseFrame;

fn address(port: u16) -> Address {
    Address {
        origin: format!("http://127.0.0.1:{port}"),
        room: "den".into(),
        token: None,
        player_id: Some("ann".into()),
    }
}

fn dial(port: u16, clock: Stopwatch) -> NativeSocket {
    NativeDial::new(address(port), Encoding::Binary, clock)
        .unwrap()
        .dial(Some("ab12"))
}

/// Waits for what arrives next.
fn next(socket: &mut NativeSocket) -> (Micros, Arrival) {
    let begun = Instant::now();
    loop {
        if let Some(arrival) = socket.arrived() {
            return arrival;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "nothing arrives");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
#[expect(
    clippy::result_large_err,
    reason = "the shape of the callback is given"
)]
fn messages_go_and_come_and_the_end_says_why() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let answer = |request: &Request, mut response: Response| -> Result<_, ErrorResponse> {
            asked.push(request.uri().to_string());
            let offered = request.headers().get_all("Sec-WebSocket-Protocol");
            asked.extend(offered.iter().map(|line| line.to_str().unwrap().to_owned()));
            let protocol = HeaderValue::from_static("bitfort.v2.bin2");
            response
                .headers_mut()
                .insert("Sec-WebSocket-Protocol", protocol);
            Ok(response)
        };
        let mut socket = accept_hdr(stream, answer).unwrap();
        for _ in 0..2 {
            let message = socket.read().unwrap();
            socket.send(message).unwrap();
        }
        let full = CloseFrame {
            code: 4004.into(),
            reason: "room_full".into(),
        };
        socket.close(Some(full)).unwrap();
        while socket.read().is_ok() {}
        asked
    });
    let clock = Stopwatch::default();
    let mut socket = dial(port, clock);
    let (opened_at, opened) = next(&mut socket);
    assert_eq!(opened, Arrival::Opened);
    socket.send(vec![1, 2, 3], false);
    socket.send(b"{}".to_vec(), true);
    let (at, message) = next(&mut socket);
    let expected = Arrival::Message {
        bytes: vec![1, 2, 3],
        text: false,
    };
    assert_eq!(message, expected);
    assert!(opened_at <= at && at <= clock.now(), "{at:?}");
    let expected = Arrival::Message {
        bytes: b"{}".to_vec(),
        text: true,
    };
    assert_eq!(next(&mut socket).1, expected);
    assert_eq!(next(&mut socket).1, Arrival::Closed { code: Some(4004) });
    drop(socket);
    let asked = server.join().unwrap();
    assert_eq!(
        asked,
        [
            "/api/rooms/den/ws?playerId=ann",
            "bitfort.v2.bin2, bitfort.resume.ab12"
        ]
    );
}

#[test]
fn where_nobody_listens_the_connection_is_closed_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut socket = dial(port, Stopwatch::default());
    assert_eq!(next(&mut socket).1, Arrival::Closed { code: None });
}

#[test]
fn an_encrypted_server_is_told_to_be_out_of_reach() {
    let mut secure = address(443);
    secure.origin = "https://play.example.com".into();
    let refused = NativeDial::new(secure, Encoding::Binary, Stopwatch::default());
    assert!(matches!(refused, Err(AddressError::Encrypted(_))));
}
