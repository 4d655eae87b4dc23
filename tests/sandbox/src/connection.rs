//! One connection: TLS or not, HTTP/1.1 on top, and what the HTTP server would never do on its own.

use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::stream::{Counted, Stream};
use crate::world::World;

/// What is played on a connection that is taken from the HTTP server.
#[derive(Debug)]
pub(crate) struct Script {
    /// The HTTP status in `bytes`, 0 when there is none.
    pub(crate) status: u16,
    /// What is written.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes at a time and how long to wait then; all at once when `None`.
    pub(crate) pace: Option<(usize, Duration)>,
    /// Whether `bytes` are a whole answer.
    pub(crate) whole: bool,
    /// How the connection ends.
    pub(crate) end: End,
}

impl Script {
    pub(crate) fn ending(end: End) -> Script {
        Script { status: 0, bytes: Vec::new(), pace: None, whole: false, end }
    }
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// TCP resets it.
    Reset,
    /// TCP closes it; TLS says nothing.
    Close,
    /// TLS and then TCP close it.
    Finish,
    /// It stays open until the client sends something more or goes away.
    Linger,
}

/// The handle by which a request's handler can take its connection from the HTTP server.
#[derive(Debug, Clone)]
pub(crate) struct Line(Arc<Mutex<Option<Takeover>>>);

type Takeover = oneshot::Sender<(Script, u64)>;

impl Line {
    /// Hands the connection over to `script`, for request `n` of the log. The caller is dropped
    /// with the HTTP server while it waits here.
    pub(crate) async fn play(&self, script: Script, n: u64) -> Infallible {
        let takeover = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(takeover) = takeover {
            // Nobody listens only when the connection is gone already.
            let _ = takeover.send((script, n));
        }
        pending().await
    }
}

/// Serves a freshly accepted connection until one side ends it.
pub(crate) async fn serve(
    world: Arc<World>,
    tcp: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
) {
    world.connections.fetch_add(1, Ordering::SeqCst);
    // Without it every small answer may wait for an acknowledgement.
    let _ = tcp.set_nodelay(true);
    let stream = match tls {
        None => Stream::Plain(tcp),
        Some(acceptor) => match acceptor.accept(tcp).await {
            Ok(tls) => Stream::Tls(Box::new(tls)),
            Err(_) => return,
        },
    };
    let counted = Counted::new(stream, Arc::clone(&world));
    let (takeover, taken) = oneshot::channel();
    let line = Line(Arc::new(Mutex::new(Some(takeover))));
    let api = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(line.clone());
        api.call(request)
    });
    let mut http = http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(counted), service);
    let (script, n) = tokio::select! {
        // How a connection ends is the client's affair; the log tells what was answered.
        _ = &mut http => return,
        Ok(taken) = taken => taken,
    };
    let mut counted = http.into_parts().io.into_inner();
    let whole = script.whole;
    if play(script, &mut counted).await.is_ok() && whole {
        world.log.amend(n, |request| request.answered = true);
    }
}

async fn play(script: Script, counted: &mut Counted) -> std::io::Result<()> {
    match script.pace {
        None => counted.write_all(&script.bytes).await?,
        Some((size, interval)) => {
            for piece in script.bytes.chunks(size.max(1)) {
                counted.write_all(piece).await?;
                counted.flush().await?;
                tokio::time::sleep(interval).await;
            }
        }
    }
    counted.flush().await?;
    match script.end {
        // The reset is sent when the socket is dropped.
        End::Reset => counted.tcp().set_zero_linger(),
        End::Close => counted.tcp().shutdown().await,
        End::Finish => counted.shutdown().await,
        End::Linger => counted.read(&mut [0]).await.map(|_| ()),
    }
}

/// Serves a connection to the control API.
pub(crate) async fn serve_control(tcp: TcpStream, router: Router) {
    let _ = tcp.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
}
