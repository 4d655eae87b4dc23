//! The TLS configuration: the platform's roots, the caller's roots, TLS 1.2 and up.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::error::{Error, ErrorKind, Result};

/// A configuration that trusts the platform's roots and those of `ca_file`.
///
/// With `needed` false (all endpoints are plain http) a platform without roots is no error: no
/// certificate will be asked for.
pub(crate) fn configuration(ca_file: Option<&Path>, needed: bool) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Io, format!("TLS cannot be set up: {error}")))?;
    let extra = ca_file.map_or(Ok(Vec::new()), read_roots)?;
    if !needed {
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let verifier = Verifier::new_with_extra_roots(extra, provider).map_err(|error| {
        Error::new(
            ErrorKind::Io,
            format!(
                "no trusted root certificates: {error}. Install the platform's \
                 (Debian: ca-certificates) or name a PEM file in option ca_file"
            ),
        )
    })?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let fail = |why: String| Error::option(format!("option ca_file: {}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let roots: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| fail(format!("not a PEM file of certificates: {error}")))?;
    if roots.is_empty() {
        return Err(fail("holds no certificate (-----BEGIN CERTIFICATE-----)".into()));
    }
    Ok(roots)
}
