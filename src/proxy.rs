//! Which proxies to go through: of an option, or of the environment, read once.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper_util::client::proxy::matcher::{Builder, Matcher};
use reqwest::{NoProxy, Proxy, Url};
use zeroize::Zeroizing;

use crate::fault::{Fault, Result};
use crate::secret::Secret;
use crate::sys;

/// Hosts that no proxy of the environment is asked for: a proxy elsewhere would be sent what is
/// meant for this machine, and another machine's loopback is not this one's.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Which proxy to go through.
pub(crate) enum ProxyChoice {
    Environment,
    None,
    Url(Secret),
}

/// The proxies of one client, fixed when it is made. The HTTP stack reads no environment itself:
/// it would do so in a set-user-ID program too, and again with each new pool of connections.
pub(crate) struct Route {
    pub(crate) proxies: Vec<Proxy>,
    /// What must not be shown of them.
    pub(crate) secrets: Vec<Secret>,
    /// The rules of all proxies together, as the HTTP stack follows them.
    rules: Matcher,
}

impl Route {
    pub(crate) fn new(choice: &ProxyChoice) -> Result<Route> {
        let rules = Matcher::builder().build();
        let mut route = Route { proxies: Vec::new(), secrets: Vec::new(), rules };
        match choice {
            ProxyChoice::None => {}
            ProxyChoice::Url(url) => {
                let proxy = Proxy::all(url.expose())
                    .map_err(|_| Fault::option("option proxy: its value is not a proxy's URL"))?;
                route.add(proxy, url.expose());
                route.rules = Matcher::builder().all(url.expose()).build();
            }
            ProxyChoice::Environment => route.add_environment(),
        }
        Ok(route)
    }

    /// The variables and their precedence are those that curl and others use.
    fn add_environment(&mut self) {
        if sys::environment("REQUEST_METHOD").is_some() {
            // A CGI program: HTTP_PROXY is what the web server's client sent as header `Proxy`.
            return;
        }
        let no_proxy = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
        let no_proxy = format!("{no_proxy},{LOOPBACK}");
        let direct = NoProxy::from_string(&no_proxy);
        let mut rules = Matcher::builder().no(no_proxy);
        let all = ["ALL_PROXY", "all_proxy"];
        type Make = fn(&str) -> reqwest::Result<Proxy>;
        type Rule = fn(Builder, &str) -> Builder;
        let kinds: [([&str; 2], Make, Rule); 2] = [
            (["HTTP_PROXY", "http_proxy"], |url| Proxy::http(url), |rules, url| rules.http(url)),
            (
                ["HTTPS_PROXY", "https_proxy"],
                |url| Proxy::https(url),
                |rules, url| rules.https(url),
            ),
        ];
        for (names, make, rule) in kinds {
            let usable = |url: &String| parse(url).is_some();
            let Some(url) = first(names).filter(usable).or_else(|| first(all).filter(usable))
            else {
                continue;
            };
            if let Ok(proxy) = make(&url) {
                self.add(proxy.no_proxy(direct.clone()), &url);
                rules = rule(rules, &url);
            }
        }
        self.rules = rules.build();
    }

    /// Whether requests to `url` go there themselves, not through a proxy.
    pub(crate) fn goes_direct(&self, url: &Url) -> bool {
        url.as_str().parse().is_ok_and(|url| self.rules.intercept(&url).is_none())
    }

    fn add(&mut self, proxy: Proxy, url: &str) {
        self.proxies.push(proxy);
        let Some(url) = parse(url) else { return };
        let Some(password) = url.password() else { return };
        let decoded = percent_decoded(password);
        let user = percent_decoded(url.username());
        let pair = Zeroizing::new(format!("{}:{}", *user, *decoded));
        for secret in [password, &decoded, BASE64_STANDARD.encode(&*pair).trim_end_matches('=')] {
            self.secrets.push(Secret::new(secret));
        }
    }
}

/// The first of these variables that is set.
fn first(names: [&str; 2]) -> Option<String> {
    names.into_iter().find_map(|name| sys::environment(name)?.ok())
}

/// A proxy's URL; `None` where it is none that the HTTP stack can go through.
pub(crate) fn parse(text: &str) -> Option<Url> {
    let url = match Url::parse(text) {
        Ok(url) if url.has_host() => url,
        _ => Url::parse(&format!("http://{text}")).ok()?,
    };
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn percent_decoded(text: &str) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxys_url_holds_of_a_password_is_kept_secret_in_all_its_forms() {
        let url = ProxyChoice::Url(Secret::new("http://user:p%40ss-word@proxy.example:3128"));
        let route = Route::new(&url).unwrap();
        let secrets: Vec<_> = route.secrets.iter().map(Secret::expose).collect();
        assert_eq!(secrets, ["p%40ss-word", "p@ss-word", "dXNlcjpwQHNzLXdvcmQ"]);
    }

    #[test]
    fn a_proxys_url_may_lack_its_scheme_and_is_http() {
        for (text, host) in [
            ("http://proxy.example:3128", Some("proxy.example")),
            ("https://proxy.example", Some("proxy.example")),
            ("proxy.example:3128", Some("proxy.example")),
            ("10.0.0.1:3128", Some("10.0.0.1")),
            ("socks5://proxy.example", None),
            ("", None),
        ] {
            assert_eq!(parse(text).as_ref().and_then(|url| url.host_str()), host, "{text}");
        }
    }
}
