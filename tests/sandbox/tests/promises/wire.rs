//! A client so plain that every byte of the sandbox's answer is in the test's hands.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An answer as it came off the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(has, _)| has.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error_code"].as_str().unwrap_or_default().to_owned()
    }
}

/// One request, put together by hand.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Request {
        Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The documented request that sets the status of accounts, with the sandbox's default token.
    pub(crate) fn set_status(status: u8, accounts: &[&str]) -> Request {
        Request::new("PUT", &format!("/v1/usg/dcs/corp/member/status/{status}"))
            .header("X-Access-Token", "sandbox-token")
            .json(&serde_json::json!(accounts))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts a header in the place of one of the same name, or takes it out.
    pub(crate) fn instead(mut self, name: &str, value: Option<&str>) -> Request {
        self.headers.retain(|(has, _)| !has.eq_ignore_ascii_case(name));
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    pub(crate) fn json(self, body: &Value) -> Request {
        self.header("Content-Type", "application/json").text(&body.to_string())
    }

    pub(crate) fn text(mut self, body: &str) -> Request {
        self.body = body.as_bytes().to_vec();
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nHost: sandbox\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Connects to where a URL like `http://127.0.0.1:PORT` points.
pub(crate) fn connect(url: &str) -> TcpStream {
    let (_, address) = url.split_once("://").expect("a URL");
    let stream = TcpStream::connect(address).expect("the sandbox listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    stream
}

/// Sends one request over a connection of its own and reads the answer.
pub(crate) fn send(url: &str, request: &Request) -> Answer {
    let mut stream = connect(url);
    exchange(&mut stream, request).expect("a whole answer")
}

/// Sends one request over this connection and reads the answer.
pub(crate) fn exchange<S: Read + Write>(stream: &mut S, request: &Request) -> io::Result<Answer> {
    stream.write_all(&request.bytes())?;
    stream.flush()?;
    read_answer(stream)
}

/// Reads one answer with a `Content-Length` and leaves the connection open.
pub(crate) fn read_answer<S: Read>(stream: &mut S) -> io::Result<Answer> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| io::Error::other("no status line"))?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: Vec::new() };
    let length =
        answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    answer.body = vec![0; length];
    stream.read_exact(&mut answer.body)?;
    Ok(answer)
}
