//! One attempt: a request goes out, and an answer or a failure comes back.
//!
//! The exchanges run as tasks of one I/O thread per client. Unlike a blocking client's, they can
//! be abandoned at any moment: that is what a deadline and a second cancel need.

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::{Client, Url};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::api::REQUEST_ID;
use hwm_engine::answer::{Cause, Failure};

use crate::connect::{self, ConnectionWatch};
use crate::echo::{Belonging, Echo, Way};
use crate::fault::{ErrorKind, Fault, Result};
use crate::message::{Answer, Reply, Request};
use crate::proxy::Route;
use crate::resolver::SystemResolver;
use crate::secret::{Secret, Secrets};
use crate::settings::ClientSettings;
use crate::{headroom, printable, sys, tls};

/// Largest answer body that is read.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// The connections of one client.
pub(crate) struct Transport {
    handle: Handle,
    clients: Mutex<Clients>,
    build: Box<dyn Fn() -> Result<Clients> + Send + Sync>,
    endpoints: Vec<Endpoint>,
    secrets: Arc<Secrets>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The HTTP stack, as it keeps connections for the next request and as it does not.
struct Clients {
    keeping: Client,
    closing: Client,
}

/// Where requests go, and what its answers have shown.
struct Endpoint {
    url: Url,
    echo: Arc<Echo>,
    direct: bool,
}

/// A running exchange; dropping it abandons the exchange.
pub(crate) struct Exchange {
    task: Option<AbortHandle>,
    writing: Arc<Writing>,
}

impl Exchange {
    /// Sees to it that the body is not written from now on. Returns whether it may have been.
    pub(crate) fn cut_off(&self) -> bool {
        !self.writing.forbid()
    }

    /// Whether a byte of the body may have been written.
    pub(crate) fn has_begun(&self) -> bool {
        self.writing.0.load(Ordering::Acquire) == Writing::BEGUN
    }

    /// Lets it run to its end, whoever began it.
    pub(crate) fn let_go(mut self) {
        self.task = None;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Transport {
    pub(crate) fn new(settings: &ClientSettings) -> Result<Transport> {
        let encrypted = settings.endpoints.iter().any(|url| url.scheme() == "https");
        let tls = tls::configuration(settings.ca_file.as_deref(), encrypted)?;
        let connect_timeout = settings.connect_timeout;
        let route = Route::new(&settings.proxy)?;
        let endpoint = |url: &Url| {
            let direct = route.goes_direct(url);
            Endpoint { url: url.clone(), echo: Arc::default(), direct }
        };
        let endpoints = settings.endpoints.iter().map(endpoint).collect();
        let Route { proxies, secrets: of_proxies, .. } = route;
        let lasting = settings.credentials.secret().into_iter().chain(&of_proxies);
        let secrets = Arc::new(Secrets::new(lasting.map(Secret::expose)));
        let client = move |kept_connections: usize| {
            let builder = Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(SystemResolver)
                .connector_layer(ConnectionWatch)
                .connect_timeout(connect_timeout)
                .pool_max_idle_per_host(kept_connections)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .http1_only()
                .tcp_nodelay(true)
                .no_proxy();
            let builder = proxies.iter().cloned().fold(builder, reqwest::ClientBuilder::proxy);
            builder.build().map_err(|error| {
                let why = chain(&error);
                Fault::new(ErrorKind::Io, format!("the HTTP client cannot be built: {why}"))
            })
        };
        let build = move || Ok(Clients { keeping: client(usize::MAX)?, closing: client(0)? });
        let clients = build()?;
        let (stop, stopped) = oneshot::channel();
        let (runtime, handle) = runtime()?;
        let thread = sys::spawn("hwm-io", move || {
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        })
        .map_err(|error| {
            Fault::new(ErrorKind::Io, format!("cannot start the I/O thread: {error}"))
        })?;
        Ok(Transport {
            handle,
            clients: Mutex::new(clients),
            build: Box::new(build),
            endpoints,
            secrets,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// How many endpoints there are to try.
    pub(crate) fn endpoints(&self) -> usize {
        self.endpoints.len()
    }

    /// Whether exchanges with the `endpoint`-th endpoint go through no proxy.
    pub(crate) fn goes_direct(&self, endpoint: usize) -> bool {
        self.endpoints[endpoint].direct
    }

    /// Starts an exchange with the `endpoint`-th endpoint; `done` runs on the I/O thread with the
    /// reply, unless the exchange is abandoned before.
    pub(crate) fn start(
        &self,
        endpoint: usize,
        request: &Request,
        timeout: Duration,
        done: impl FnOnce(Reply) + Send + 'static,
    ) -> Exchange {
        let writing = Arc::new(Writing(AtomicU8::new(Writing::NOT_YET)));
        let endpoint = &self.endpoints[endpoint % self.endpoints.len()];
        if endpoint.echo.must_forget_connections() {
            self.forget_connections();
        }
        let way = endpoint.echo.way();
        let client = self.client(way);
        let mut builder =
            client.request(request.method.clone(), url(&endpoint.url, &request.target));
        for (name, value) in &request.headers {
            if value.is_sensitive() {
                self.secrets.keep_header(value);
            }
            builder = builder.header(name, value);
        }
        if !request.body.is_empty() {
            let body = WatchedBody { bytes: request.body.clone(), writing: writing.clone() };
            builder = builder.body(reqwest::Body::wrap(body));
        }
        let has_body = !request.body.is_empty();
        let watch = writing.clone();
        let sent = Sent {
            builder,
            request_id: request.id(),
            echo: endpoint.echo.clone(),
            way,
            secrets: self.secrets.clone(),
        };
        let secrets = self.secrets.clone();
        let task = self.handle.spawn(async move {
            if way == Way::Kept {
                // Lets the connections see what came unasked while nothing was sent: one on which
                // anything did closes, before this request can be given to it.
                tokio::task::yield_now().await;
            }
            let (reply, connected) = connect::watched(exchange(sent, timeout)).await;
            done(reply.map_err(|mut failure| {
                failure.message = printable(&secrets.blank(&failure.message, false)).into_owned();
                failure.sent = if has_body { !watch.forbid() } else { failure.sent };
                failure.on_kept_connection = failure.sent && !connected;
                failure
            }));
        });
        Exchange { task: Some(task.abort_handle()), writing }
    }

    fn client(&self, way: Way) -> Client {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        match way {
            Way::Kept | Way::First => clients.keeping.clone(),
            Way::Alone => clients.closing.clone(),
        }
    }

    /// Runs an exchange and waits for its reply, for questions outside of calls.
    pub(crate) fn run(&self, endpoint: usize, request: &Request, timeout: Duration) -> Reply {
        let (sender, receiver) = std::sync::mpsc::channel();
        let _exchange = self.start(endpoint, request, timeout, move |reply| {
            let _ = sender.send(reply);
        });
        receiver.recv().unwrap_or_else(|_| Err(Failure::abandoned()))
    }

    /// Lets go of the kept connections, so that the next exchange makes a new one.
    pub(crate) fn forget_connections(&self) {
        if let Ok(fresh) = (self.build)() {
            *self.clients.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Request {
    /// Its `X-Request-Id`.
    fn id(&self) -> String {
        let header = self.headers.iter().find(|(name, _)| *name == REQUEST_ID);
        header.and_then(|(_, value)| value.to_str().ok()).unwrap_or_default().to_owned()
    }
}

fn url(endpoint: &Url, target: &str) -> Url {
    let mut url = endpoint.clone();
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    url.set_path(path);
    url.set_query(query);
    url
}

fn runtime() -> Result<(Runtime, Handle)> {
    let runtime = headroom::descriptors()
        .and_then(|()| {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                // Timers and the end are looked at after each task: a server that floods its
                // connections with what is not yet an answer keeps each of them busy for as long as
                // it can.
                .event_interval(1)
                .build()
        })
        .map_err(|error| Fault::new(ErrorKind::Io, format!("cannot start I/O: {error}")))?;
    let handle = runtime.handle().clone();
    Ok((runtime, handle))
}

/// A request on its way, and what its answer is judged by.
struct Sent {
    builder: reqwest::RequestBuilder,
    request_id: String,
    echo: Arc<Echo>,
    way: Way,
    secrets: Arc<Secrets>,
}

async fn exchange(sent: Sent, timeout: Duration) -> Reply {
    match tokio::time::timeout(timeout, answer(sent)).await {
        Ok(reply) => reply,
        Err(_) => Err(Failure {
            sent: true,
            cause: Cause::Timeout,
            message: format!("no complete answer within {} ms", timeout.as_millis()),
            on_kept_connection: false,
        }),
    }
}

async fn answer(sent: Sent) -> Reply {
    let mut response = sent.builder.send().await.map_err(failure)?;
    let status = response.status().as_u16();
    let belonging = sent.echo.judge(&sent.request_id, response.headers(), sent.way);
    if belonging == Belonging::Another {
        return Err(Failure {
            sent: true,
            cause: Cause::Broken,
            message: "an answer came that carries the request id of another request".into(),
            on_kept_connection: false,
        });
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) => return Err(failure(error)),
        };
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            if status == 200 {
                return Err(Failure {
                    sent: true,
                    cause: Cause::TooLarge,
                    message: format!("a 200 with more than {MAX_BODY_BYTES} bytes of body"),
                    on_kept_connection: false,
                });
            }
            // The status alone says what such an answer means.
            body.clear();
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        headers,
        body: body.into(),
        secrets: sent.secrets,
        may_be_late: sent.way == Way::Kept && belonging != Belonging::Proved,
    })
}

fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let message = chain(&error);
    let cause = if is_certificate(&error) {
        Cause::Certificate
    } else if error.is_connect() {
        Cause::Connect
    } else if error.is_timeout() {
        Cause::Timeout
    } else {
        Cause::Broken
    };
    let sent = !matches!(cause, Cause::Connect | Cause::Certificate);
    Failure { sent, cause, message, on_kept_connection: false }
}

fn is_certificate(error: &(dyn StdError + 'static)) -> bool {
    sources(error).any(|source| {
        matches!(
            source.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        )
    })
}

/// The error and its causes, outermost first.
fn sources<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        // An I/O error's source is the source of what it holds, not what it holds.
        Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
        None => error.source(),
    })
}

/// The error and its causes, in one line, each said once.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for source in sources(error) {
        let part = source.to_string();
        if !text.contains(&part) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&part);
        }
    }
    text
}

/// Whether a request's body has begun to be written. Without its body no request is acted on.
struct Writing(AtomicU8);

impl Writing {
    const NOT_YET: u8 = 0;
    const BEGUN: u8 = 1;
    const FORBIDDEN: u8 = 2;

    /// Whether the body may be written.
    fn begin(&self) -> bool {
        self.0.fetch_max(Self::BEGUN, Ordering::AcqRel) != Self::FORBIDDEN
    }

    /// Forbids to begin. Returns whether that came in time.
    fn forbid(&self) -> bool {
        let forbidden = self.0.compare_exchange(
            Self::NOT_YET,
            Self::FORBIDDEN,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        !matches!(forbidden, Err(Self::BEGUN))
    }
}

/// A body that is written only if it was not forbidden before.
struct WatchedBody {
    bytes: Bytes,
    writing: Arc<Writing>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        if !self.writing.begin() {
            // Nobody waits for this request any more; its task is about to be dropped.
            return Poll::Pending;
        }
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn connections_that_are_kept_busy_hold_no_timer_up() {
        let (runtime, _) = runtime().unwrap();
        for _ in 0..60 {
            runtime.spawn(async {
                loop {
                    std::thread::sleep(Duration::from_millis(20));
                    tokio::task::yield_now().await;
                }
            });
        }
        let began = Instant::now();
        runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
        assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
        runtime.shutdown_background();
    }
}
