//! Where the service is: a region's URL, or the caller's own URLs.

use std::net::IpAddr;

use reqwest::Url;

use crate::fault::{Fault, Result};
use crate::proxy;

/// The service's regions and their URLs.
pub(crate) const REGIONS: [(&str, &str); 2] = [
    ("cn-north-4", "https://api.meeting.huaweicloud.com"),
    ("ap-southeast-1", "https://api-intl.meeting.huaweicloud.com"),
];

/// The URLs that an `endpoint` option names: one region, or one or more URLs.
pub(crate) fn parse(value: &str) -> Result<Vec<Url>> {
    let parts: Vec<&str> = value.split(',').map(str::trim).collect();
    let mut urls = Vec::new();
    for part in &parts {
        let region = REGIONS.iter().find(|(name, _)| name == part);
        if region.is_some() && parts.len() > 1 {
            return Err(bad(value, "a region stands alone: two regions are different tenants"));
        }
        let text = region.map_or(*part, |(_, url)| url);
        if !text.contains("://") {
            let regions = REGIONS.map(|(name, _)| name).join(", ");
            return Err(bad(value, &format!("{part:?} is neither a region ({regions}) nor a URL")));
        }
        let url = Url::parse(text).map_err(|error| bad(value, &format!("{part:?}: {error}")))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(bad(value, &format!("{part:?} must begin with https://")));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Fault::option(
                "option endpoint: a URL must not hold a user name or password",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() || url.path() != "/" {
            return Err(bad(value, &format!("{part:?} must be scheme, host and port only")));
        }
        urls.push(url);
    }
    Ok(urls)
}

fn bad(value: &str, why: &str) -> Fault {
    if value.contains('@') {
        // What stands before it may be a password.
        return Fault::option("option endpoint: a URL must not hold a user name or password");
    }
    Fault::option(format!("option endpoint: {value:?} is not allowed: {why}"))
}

/// Refuses plain http:// to hosts that are not loopback.
pub(crate) fn check_encryption(urls: &[Url]) -> Result<()> {
    match urls.iter().find(|url| url.scheme() == "http" && !is_loopback(url)) {
        Some(url) => Err(Fault::option(format!(
            "option endpoint: {url} would send the token unencrypted; use https://, \
             or set allow_http=true if you know that the way there is private"
        ))),
        None => Ok(()),
    }
}

/// Refuses plain http://, to whatever host, through a proxy that is not loopback: the proxy and all
/// on the way to it would read the token.
pub(crate) fn check_proxy(urls: &[Url], proxy: &str) -> Result<()> {
    let elsewhere = proxy::parse(proxy).filter(|proxy| !is_loopback(proxy));
    match (elsewhere, urls.iter().find(|url| url.scheme() == "http")) {
        (Some(proxy), Some(url)) => Err(Fault::option(format!(
            "option proxy: {} would be sent the token unencrypted on the way to {url}; use \
             https:// in option endpoint, proxy=none, or set allow_http=true if you know that the \
             way there is private",
            proxy.host_str().unwrap_or_default()
        ))),
        _ => Ok(()),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_names_its_url() {
        assert_eq!(
            parse("ap-southeast-1").unwrap()[0].host_str().unwrap(),
            "api-intl.meeting.huaweicloud.com"
        );
    }

    #[test]
    fn urls_keep_their_order() {
        let urls = parse("https://a.example, https://b.example:8443").unwrap();
        assert_eq!(
            urls.iter().map(Url::as_str).collect::<Vec<_>>(),
            ["https://a.example/", "https://b.example:8443/"]
        );
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_the_reason() {
        for (value, reason) in [
            ("cn-north-4,ap-southeast-1", "different tenants"),
            ("mars", "neither a region"),
            ("ftp://a.example", "https://"),
            ("https://u:p@a.example", "user name"),
            ("https://a.example/path", "scheme, host and port only"),
            ("", "neither a region"),
        ] {
            let error = parse(value).unwrap_err();
            assert!(&error.message.contains(reason), "{value}: {error}");
        }
        for value in [
            "https://u:hunter2@a.example",
            "ftp://u:hunter2@a",
            "u:hunter2@a",
            "https://u:hunter2@ a",
        ] {
            assert!(!parse(value).unwrap_err().message.contains("hunter2"), "{value}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for (url, allowed) in [
            ("http://127.0.0.1:1", true),
            ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example", false),
        ] {
            let urls = parse(url).unwrap();
            assert_eq!(check_encryption(&urls).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn plain_http_goes_through_no_proxy_that_is_not_loopback() {
        for (url, proxy, allowed) in [
            ("http://127.0.0.1:1", "http://proxy.example:3128", false),
            ("https://a.example,http://localhost", "https://u:hunter2@proxy.example", false),
            ("http://127.0.0.1:1", "http://127.0.0.1:3128", true),
            ("http://127.0.0.1:1", "http://[::1]:3128", true),
            ("https://a.example", "http://proxy.example:3128", true),
        ] {
            let checked = check_proxy(&parse(url).unwrap(), proxy);
            assert_eq!(checked.is_ok(), allowed, "{url} {proxy}");
            assert!(checked.is_ok() || !checked.unwrap_err().message.contains("hunter2"));
        }
    }
}
