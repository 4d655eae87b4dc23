//! The certificates that the sandbox presents, good and bad.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::config::Cert;

/// What HTTPS needs: how to accept connections, and the authority that a client shall trust.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

impl Tls {
    /// A new authority and a certificate as `cert` says.
    ///
    /// # Errors
    /// When no key or certificate can be made.
    pub(crate) fn new(cert: Cert) -> io::Result<Tls> {
        let trusted = authority("hwm sandbox CA").map_err(io::Error::other)?;
        let ca_pem = trusted.pem();
        let (chain, key) = leaf(cert, &trusted).map_err(io::Error::other)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder
                    .with_no_client_auth()
                    .with_single_cert(vec![chain.der().clone()], key.into())
            })
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem })
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn leaf(cert: Cert, trusted: &Authority) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
    let names = match cert {
        Cert::WrongName => vec!["elsewhere.invalid".to_owned()],
        _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
    };
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "hwm sandbox");
    // As RFC 5280 asks for, and Python from 3.13 on insists.
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if cert == Cert::Expired {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let certificate = match cert {
        Cert::SelfSigned => params.self_signed(&key)?,
        Cert::OtherCa => {
            let other = authority("another CA")?;
            params.signed_by(&key, &other)?
        }
        _ => params.signed_by(&key, trusted)?,
    };
    Ok((certificate, key))
}
