//! A TLS client over the wire, trusting nobody but the sandbox's authority.

use std::net::TcpStream;
use std::sync::Arc;

use hwm_sandbox::Sandbox;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::wire;

pub(crate) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Connects; the handshake happens with the first byte that is written.
pub(crate) fn connect(sandbox: &Sandbox) -> TlsStream {
    let pem = sandbox.ca_pem().expect("the sandbox serves TLS");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM")).expect("an authority");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let url = sandbox.url().replace("https://localhost", "http://127.0.0.1");
    StreamOwned::new(connection, wire::connect(&url))
}
