//! A server that answers with bytes as a test gives them, such as no HTTP library would send.
#![allow(dead_code, unreachable_pub)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use hwm::{Client, Options};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Heard {
    /// How many requests and connections came before.
    pub number: usize,
    pub connection: usize,
    pub request_line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        header.map_or("", |(_, value)| value)
    }

    pub fn request_id(&self) -> &str {
        self.header("x-request-id")
    }
}

/// What becomes of the connection after an answer.
pub enum Then {
    Keep,
    Close,
}

type Answer = dyn Fn(&Heard, &mut TcpStream) -> Then + Send + Sync;

/// A running server; it ends when it is dropped.
pub struct RawServer {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Answers every request by `answer`, on a thread for each connection.
pub fn serve(answer: impl Fn(&Heard, &mut TcpStream) -> Then + Send + Sync + 'static) -> RawServer {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Arc::new(Mutex::new(Vec::new()));
    let stopped = Arc::new(AtomicBool::new(false));
    let answer: Arc<Answer> = Arc::new(answer);
    let thread = {
        let (heard, stopped) = (heard.clone(), stopped.clone());
        std::thread::spawn(move || {
            let connections = AtomicUsize::new(0);
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Acquire) {
                    break;
                }
                let (heard, answer) = (heard.clone(), answer.clone());
                let number = connections.fetch_add(1, Ordering::Relaxed);
                std::thread::spawn(move || converse(stream, number, &heard, &*answer));
            }
        })
    };
    RawServer { address, heard, stopped, thread: Some(thread) }
}

/// Answers every request with the same bytes, which hold `{id}` for the request's id.
pub fn serve_bytes(bytes: impl Into<Vec<u8>>, close: bool) -> RawServer {
    let bytes = bytes.into();
    serve(move |heard, stream| {
        let _ = stream.write_all(&with_id(&bytes, heard.request_id()));
        if close { Then::Close } else { Then::Keep }
    })
}

fn with_id(bytes: &[u8], id: &str) -> Vec<u8> {
    match bytes.windows(4).position(|window| window == b"{id}") {
        Some(at) => [&bytes[..at], id.as_bytes(), &bytes[at + 4..]].concat(),
        None => bytes.to_vec(),
    }
}

fn converse(stream: TcpStream, connection: usize, heard: &Mutex<Vec<Heard>>, answer: &Answer) {
    let Ok(mut writer) = stream.try_clone() else { return };
    let _ = writer.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some(mut request) = read_request(&mut reader) {
        request.connection = connection;
        {
            let mut heard = heard.lock().unwrap();
            request.number = heard.len();
            heard.push(request.clone());
        }
        if let Then::Close = answer(&request, &mut writer) {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Heard> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let request_line = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut heard = Heard { number: 0, connection: 0, request_line, headers, body: String::new() };
    let mut body = vec![0; heard.header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    heard.body = String::from_utf8(body).ok()?;
    Some(heard)
}

impl RawServer {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Options that reach this server with a token, and retry quickly.
    pub fn options(&self, values: &[(&str, &str)]) -> Options {
        let mut options = Options::new();
        let url = self.url();
        let usual = [
            ("endpoint", &*url),
            ("access_token", "token-of-the-test"),
            ("retry_base_ms", "1"),
            ("retry_max_ms", "5"),
            ("proxy", "none"),
        ];
        for (key, value) in usual.iter().chain(values) {
            options.set(key, *value).expect("a good option");
        }
        options
    }

    pub fn client(&self, values: &[(&str, &str)]) -> Client {
        Client::new(&self.options(values)).expect("a client")
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An answer framed by its length.
pub fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
