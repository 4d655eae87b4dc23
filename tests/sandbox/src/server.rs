//! A running sandbox.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use tempfile::NamedTempFile;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::config::Config;
use crate::fault::Fault;
use crate::log::{LoggedRequest, Told};
use crate::tls::Tls;
use crate::users::{AccountType, User};
use crate::world::World;
use crate::{connection, control, routes};

/// A running sandbox on its own threads. Dropping it closes every connection and ends the threads;
/// where a panic drops it, seed and request log are printed.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    api: SocketAddr,
    control: SocketAddr,
    ca: Option<(String, NamedTempFile)>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on two loopback ports that the system chooses. It answers from now on.
    ///
    /// # Errors
    /// When the users cannot be read, or no port, thread, key or temporary file can be had.
    pub fn start(config: Config) -> io::Result<Sandbox> {
        let tls = config.tls.then(|| Tls::new(config.cert)).transpose()?;
        let threads = config.threads.max(1);
        let world = Arc::new(World::new(config)?);
        let api = listen()?;
        let control = listen()?;
        let (api_address, control_address) = (api.local_addr()?, control.local_addr()?);
        let ca = match &tls {
            Some(tls) => Some((tls.ca_pem.clone(), temporary(&tls.ca_pem)?)),
            None => None,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("hwm-sandbox-io")
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&world);
        let thread =
            std::thread::Builder::new().name("hwm-sandbox".to_owned()).spawn(move || {
                let acceptor = tls.map(|tls| tls.acceptor);
                run(&runtime, serving, (api, acceptor), control, stopped);
            })?;
        Ok(Sandbox {
            world,
            api: api_address,
            control: control_address,
            ca,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where the API is: `http://127.0.0.1:PORT`, or `https://localhost:PORT`.
    pub fn url(&self) -> String {
        match self.ca {
            Some(_) => format!("https://localhost:{}", self.api.port()),
            None => format!("http://{}", self.api),
        }
    }

    /// Where the control API is, always plain HTTP.
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }

    /// The certificate authority that a client shall trust, as PEM; `None` without TLS.
    pub fn ca_pem(&self) -> Option<String> {
        self.ca.as_ref().map(|(pem, _)| pem.clone())
    }

    /// A file with [`Sandbox::ca_pem`]; it goes away with the sandbox.
    pub fn ca_path(&self) -> Option<PathBuf> {
        self.ca.as_ref().map(|(_, file)| file.path().to_owned())
    }

    /// All users as they are now.
    pub fn users(&self) -> Vec<User> {
        self.world.users.all()
    }

    /// The status of one account; `None` when there is no such account.
    pub fn status_of(&self, account: &str) -> Option<u8> {
        let user = self.world.users.find(account, AccountType::Account)?;
        Some(user.status)
    }

    /// Sets the status of one account behind the API's back; false when there is no such account.
    pub fn set_status_of(&self, account: &str, status: u8) -> bool {
        self.world.users.set(account, status.min(1))
    }

    /// Every request since the start or the last [`Sandbox::clear_requests`], in order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.world.log.all()
    }

    /// How many requests have been logged: arrived whole, with a decision on what becomes of them.
    pub fn request_count(&self) -> usize {
        self.world.log.count()
    }

    /// Empties the request log.
    pub fn clear_requests(&self) {
        self.world.log.clear();
    }

    /// Blocks until at least so many requests have been logged; false when `timeout` came first.
    pub fn wait_for_requests(&self, at_least: usize, timeout: Duration) -> bool {
        self.world.log.wait(at_least, timeout)
    }

    /// Blocks until `condition` holds for the requests in the log; false when `timeout` came first.
    /// It is asked again whenever something becomes of a request.
    pub fn wait_until(
        &self,
        timeout: Duration,
        condition: impl FnMut(&[LoggedRequest]) -> bool,
    ) -> bool {
        self.world.log.wait_until(timeout, condition)
    }

    /// Sets what goes wrong from now on, and starts to count requests anew.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.world.set_faults(faults);
    }

    /// Changes the configuration for requests to come. What is fixed at the start (users, seed, TLS,
    /// clock, threads) stays as it is.
    pub fn reconfigure(&self, change: impl FnOnce(&mut Config)) {
        self.world.reconfigure(change);
    }

    /// Makes every access token invalid that there is now, fixed or issued. Refresh tokens still serve.
    pub fn expire_tokens(&self) {
        self.world.tokens.expire();
    }

    /// Moves the sandbox's clock forward at once.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// The sandbox's clock, in Unix milliseconds.
    pub fn now_ms(&self) -> u64 {
        self.world.clock.now_ms()
    }

    /// How many connections the API has accepted.
    pub fn connections(&self) -> usize {
        self.world.connections.load(Ordering::SeqCst)
    }

    /// How many bytes the API has received, counted above TLS: a handshake adds nothing.
    pub fn bytes_received(&self) -> u64 {
        self.world.bytes_received.load(Ordering::SeqCst)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A test is failing: what came here, and how to have it come again.
            let seed = self.world.config().seed;
            eprintln!("sandbox of seed {seed}\n{}", Told(&self.requests()));
        }
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn temporary(text: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("hwm-sandbox-ca-").suffix(".pem").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn run(
    runtime: &Runtime,
    world: Arc<World>,
    (api, tls): (TcpListener, Option<TlsAcceptor>),
    control: TcpListener,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let api_router = routes::router(Arc::clone(&world));
        let control_router = control::router(Arc::clone(&world));
        tokio::select! {
            _ = stopped => {}
            _ = accept(api, |tcp| {
                tokio::spawn(connection::serve(Arc::clone(&world), tcp, tls.clone(), api_router.clone()));
            }) => {}
            _ = accept(control, |tcp| {
                tokio::spawn(connection::serve_control(tcp, control_router.clone()));
            }) => {}
        }
    });
}

async fn accept(listener: TcpListener, mut serve: impl FnMut(tokio::net::TcpStream)) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => serve(tcp),
            // Out of file descriptors, most likely: let those who have some finish.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
