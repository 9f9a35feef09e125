//! Text from files, servers and file names reaches a terminal spelled out, in answers, in errors and in JSON.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod tool;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Output;

use input_log::{HashDetail, Header};
use serde_json::Value;
use tool::{Folder, answer, replay};

/// Hides what follows, clears the screen, sets the window's title in one character, and turns the direction.
const ACTS: &str = "1.0\u{1b}[8m\u{1b}[2J\u{9d}0;owned\u{7}\r\n\u{7f}\u{202e}\u{e0041}";

/// Both streams have lines of characters that show themselves.
fn check(output: &Output) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    let text = String::from_utf8(text).unwrap();
    let acts = |char: char| char != '\n' && !matches!(char, ' '..='~');
    assert!(!text.contains(acts), "{text:?}");
    text
}

#[test]
fn a_header_with_escape_sequences_is_spelled_out() {
    let file = "tests/escape-sequences-in-the-header.rec";
    let told = check(&replay(&["info", file]));
    assert!(told.contains("\\u{1b}[8m"), "{told}");
    assert!(told.contains("\\r\\n\\u{1b}]0;owned\\u{7}"), "{told}");
    check(&replay(&["info", file, "--json"]));
    let (_, info) = answer(&["info", file, "--json"]);
    assert!(info["buildId"].as_str().unwrap().contains('\u{1b}'));
    check(&replay(&["verify", file]));
}

#[test]
fn an_error_that_quotes_a_file_is_spelled_out() {
    let folder = Folder::new("quoted");
    let mut header = Header::of_this_build(ACTS.into(), "den".into(), 0, 1, HashDetail::Check);
    header.sim_version += 1;
    let file = folder.file("other-rules.rec");
    std::fs::write(&file, header.encode()).unwrap();
    let told = check(&replay(&["verify", &file]));
    assert!(told.contains("by build 1.0\\u{1b}[8m"), "{told}");
    check(&replay(&["verify", &file, "--json"]));
    let (code, failure) = answer(&["verify", &file, "--json"]);
    assert_eq!(code, Some(3));
    assert!(
        failure["error"].as_str().unwrap().contains(ACTS),
        "{failure}"
    );
}

#[test]
fn a_file_name_and_an_argument_are_spelled_out() {
    let folder = Folder::new("named");
    let name = folder.file(&ACTS.replace('/', ""));
    check(&replay(&["verify", &name]));
    check(&replay(&[
        "inspect",
        &folder.recorded(),
        "--step",
        "3",
        "--field",
        ACTS,
    ]));
    check(&replay(&[
        "record",
        "--profile",
        ACTS,
        "--out",
        "a.rec",
        "--json",
    ]));
    check(&replay(&[
        "record",
        "--players",
        "1",
        "--seconds",
        "1",
        "--out",
        &name,
    ]));
    check(&replay(&[
        "fetch",
        &format!("http://{ACTS}/"),
        "--out",
        "a.rec",
    ]));
}

#[test]
fn what_a_server_answers_is_spelled_out() {
    let folder = Folder::new("answered");
    let out = folder.file("a.rec");
    let mut header = Header::of_this_build(ACTS.into(), ACTS.into(), 0, 1, HashDetail::Check);
    header.sim_version += 1;
    let page = ACTS.as_bytes().to_vec();
    for (head, body) in [
        (format!("HTTP/1.1 500 {}", "\u{1b}[2J"), page.clone()),
        ("HTTP/1.1 200 OK".to_owned(), page.clone()),
        (
            "HTTP/1.1 302 Found\r\nLocation: gopher://\u{1b}[2J".to_owned(),
            page,
        ),
        ("HTTP/1.1 200 OK".to_owned(), header.encode()),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let _ = socket.read(&mut asked).unwrap();
            let length = body.len();
            let head = format!("{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            // Who does not like the head does not wait for the body.
            let _ = socket.write_all(&[head.into_bytes(), body].concat());
        });
        check(&replay(&["fetch", &url, "--out", &out, "--json"]));
        served.join().unwrap();
    }
    let (_, info) = answer(&["info", &out, "--json"]);
    assert_eq!(info["room"], Value::from(ACTS));
}
