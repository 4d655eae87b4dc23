//! The TLS configuration: the platform's roots, the caller's roots, TLS 1.2 and up.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::fault::{ErrorKind, Fault, Result};

/// A configuration that trusts the platform's roots and those of `ca_file`.
///
/// With `needed` false (all endpoints are plain http) a platform without roots is no error: no
/// certificate will be asked for.
pub(crate) fn configuration(ca_file: Option<&Path>, needed: bool) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::new(ErrorKind::Io, format!("TLS cannot be set up: {error}")))?;
    let extra = ca_file.map_or(Ok(Vec::new()), read_roots)?;
    if !needed {
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let verifier = verifier(extra, provider).map_err(|error| {
        Fault::new(
            ErrorKind::Io,
            format!(
                "no trusted root certificates: {error}. Install the platform's \
                 (Debian: ca-certificates) or name a PEM file in option ca_file"
            ),
        )
    })?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

type Roots = Vec<CertificateDer<'static>>;

#[cfg(target_os = "macos")]
fn verifier(
    extra: Roots,
    provider: Arc<CryptoProvider>,
) -> std::result::Result<Arc<dyn ServerCertVerifier>, String> {
    rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider)
        .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
        .map_err(|error| error.to_string())
}

#[cfg(target_os = "linux")]
fn verifier(
    extra: Roots,
    provider: Arc<CryptoProvider>,
) -> std::result::Result<Arc<dyn ServerCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for root in extra {
        roots.add(root).map_err(|error| error.to_string())?;
    }
    roots.add_parsable_certificates(platform::roots()?);
    if roots.is_empty() {
        return Err("the platform has none".into());
    }
    rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|error| error.to_string())
}

/// Where Linux keeps its roots. The variables are read here and not by a dependency, which would
/// read them in a set-user-ID program too.
#[cfg(target_os = "linux")]
mod platform {
    use std::path::{Path, PathBuf};

    use super::Roots;
    use crate::sys;

    /// The first that exists is read: of Debian, Fedora, its newer versions, and openSUSE.
    const FILES: [&str; 4] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
    ];
    const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

    pub(super) fn roots() -> Result<Roots, String> {
        let file = variable("SSL_CERT_FILE")?.map(PathBuf::from);
        let folders = variable("SSL_CERT_DIR")?;
        if file.is_some() || folders.is_some() {
            let folders = folders.unwrap_or_default();
            let folders = std::env::split_paths(&folders);
            return Ok(read(file, folders.filter(|folder| !folder.as_os_str().is_empty())));
        }
        let file = FILES.iter().map(PathBuf::from).find(|file| file.exists());
        Ok(read(file, FOLDERS.iter().map(PathBuf::from).filter(|folder| folder.exists())))
    }

    fn read(file: Option<PathBuf>, folders: impl Iterator<Item = PathBuf>) -> Roots {
        let mut roots = Roots::new();
        let mut take = |file: Option<&Path>, folder: Option<&Path>| {
            let found = rustls_native_certs::load_certs_from_paths(file, folder);
            for error in &found.errors {
                log::warn!(target: "hwm", "a root certificate was not read: {error}");
            }
            roots.extend(found.certs);
        };
        take(file.as_deref(), None);
        folders.for_each(|folder| take(None, Some(&folder)));
        roots.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
        roots.dedup();
        roots
    }

    fn variable(name: &str) -> Result<Option<String>, String> {
        let value =
            sys::environment(name).transpose().map_err(|()| format!("{name} is not UTF-8"))?;
        Ok(value.filter(|value| !value.is_empty()))
    }
}

fn read_roots(path: &Path) -> Result<Roots> {
    let told = |why: String| format!("option ca_file: {}: {why}", path.display());
    let fail = |why: String| Fault::option(told(why));
    let pem = std::fs::read(path).map_err(|error| match is_of_the_machine(&error) {
        true => Fault::new(ErrorKind::Io, told(error.to_string())),
        false => fail(error.to_string()),
    })?;
    let roots: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| fail(format!("not a PEM file of certificates: {error}")))?;
    if roots.is_empty() {
        return Err(fail("holds no certificate (-----BEGIN CERTIFICATE-----)".into()));
    }
    Ok(roots)
}

/// Whether the machine is why a file could not be read: the same option may be right later.
fn is_of_the_machine(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory
        || matches!(
            error.raw_os_error(),
            Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EIO)
        )
}
