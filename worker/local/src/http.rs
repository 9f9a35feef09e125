//! The smallest HTTP client that reads what a local worker answers.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, ensure};

/// Answers that have no body, and so no length.
const WITHOUT_BODY: [u16; 2] = [204, 304];

/// How long an answer may take. It takes milliseconds; a busy machine gets room.
const WAIT: Duration = Duration::from_secs(30);

/// What a route answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What the body is said to be; empty if nothing is said.
    pub content_type: String,
    /// Every header, its name in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text, for JSON and for messages.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of this name, in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Below those that systems give to connections (32,768 on Linux, 49,152 elsewhere): while a server that is to come back is
/// away, nobody's connection takes its port.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Ports that are tried.
const TRIES_MAX: u16 = 1_000;

/// The wanted port if it is free, or any free one.
///
/// # Errors
/// If it is taken, or none is free.
pub fn free_port(wanted: Option<u16>) -> anyhow::Result<u16> {
    if let Some(port) = wanted {
        bind(port).with_context(|| format!("port {port} cannot be had"))?;
        return Ok(port);
    }
    // Somewhere else each time, so that two who look at the same time hardly meet.
    let random = RandomState::new().hash_one(std::process::id());
    let count = PORTS.end - PORTS.start;
    let first = (random % u64::from(count)) as u16;
    (0..TRIES_MAX)
        .map(|more| PORTS.start + (first + more) % count)
        .find(|port| bind(*port).is_ok())
        .with_context(|| format!("none of {TRIES_MAX} ports from {first} on can be had"))
}

fn bind(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// `GET`, `POST`.
    pub method: &'static str,
    /// From the slash on, query included.
    pub path: String,
    /// Whole lines without their ends.
    pub headers: Vec<String>,
    /// For a `POST`.
    pub body: String,
}

impl Ask {
    /// A plain look at a path.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// Something to be done.
    #[must_use]
    pub fn post(path: &str, body: String) -> Self {
        Self {
            method: "POST",
            path: path.to_owned(),
            body,
            ..Self::default()
        }
    }

    /// As somebody who knows a secret.
    #[must_use]
    pub fn bearing(mut self, secret: &str) -> Self {
        self.headers.push(format!("Authorization: Bearer {secret}"));
        self
    }
}

/// Asks a server on loopback.
///
/// # Errors
/// If there is no answer, or none with an end that can be found.
pub fn ask(port: u16, ask: &Ask) -> anyhow::Result<Answer> {
    let Ask {
        method,
        path,
        headers,
        body,
    } = ask;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(WAIT))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    if *method != "GET" {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("Connection: close\r\n\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes())?;
    read(BufReader::new(stream)).with_context(|| format!("{method} {path}"))
}

/// The server keeps the connection open for seconds, so the body is read by its length or its chunks.
fn read(mut answer: BufReader<TcpStream>) -> anyhow::Result<Answer> {
    let mut line = String::new();
    answer.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("no status in {line:?}"))?;
    let (mut length, mut chunked) = (None, false);
    let mut content_type = String::new();
    let mut headers = Vec::new();
    loop {
        line.clear();
        let more = answer.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':').filter(|_| more > 0) else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        }
        if name.eq_ignore_ascii_case("content-type") {
            value.trim().clone_into(&mut content_type);
        }
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        chunked |= name.eq_ignore_ascii_case("transfer-encoding") && value.trim() == "chunked";
    }
    let body = match length {
        Some(length) => {
            let mut body = vec![0; length];
            answer.read_exact(&mut body)?;
            body
        }
        None if chunked => chunks(&mut answer)?,
        None if WITHOUT_BODY.contains(&status) => Vec::new(),
        None => anyhow::bail!("the answer has no length"),
    };
    Ok(Answer {
        status,
        content_type,
        headers,
        body,
    })
}

fn chunks(answer: &mut BufReader<TcpStream>) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        ensure!(answer.read_line(&mut line)? > 0, "the answer breaks off");
        let size = usize::from_str_radix(line.trim(), 16)
            .with_context(|| format!("{line:?} is no length of a chunk"))?;
        let begin = body.len();
        body.resize(begin + size, 0);
        answer.read_exact(&mut body[begin..])?;
        let mut end = [0; 2];
        answer.read_exact(&mut end)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_free_port_is_none_that_connections_are_given() {
        let port = free_port(None).unwrap();
        assert!(PORTS.contains(&port), "{port}");
        let taken = bind(port).unwrap();
        assert!(free_port(Some(port)).is_err());
        drop(taken);
        assert_eq!(free_port(Some(port)).unwrap(), port);
    }
}
