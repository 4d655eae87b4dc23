//! The gateway's quota headers: `X-APIG-Ratelimit-<kind>: remain:99,limit:100,time:1 minute`.

use hwm_engine::shared::pacer::QuotaSaid;
use hwm_engine::shared::quota_words;
use reqwest::header::HeaderMap;

pub(crate) const PREFIX: &str = "x-apig-ratelimit-";

/// The quotas that the headers of an answer tell of; nonsense is left out.
pub(crate) fn read(headers: &HeaderMap) -> Vec<QuotaSaid> {
    let said = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        let kind = name.as_str().strip_prefix(PREFIX)?.to_owned();
        let (remain, limit, period) = quota_words::parse(value.to_str().ok()?)?;
        Some(QuotaSaid { kind, remain, limit, period })
    };
    headers.iter().filter_map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_known_by_its_header_in_either_case() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("X-APIG-Ratelimit-Api", "remain:99,limit:100,time:1 minute"),
            ("x-apig-ratelimit-user", "nonsense"),
            ("date", "remain:99,limit:100,time:1 minute"),
        ] {
            let name: reqwest::header::HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        let period = std::time::Duration::from_secs(60);
        let expected = QuotaSaid { kind: "api".into(), remain: 99, limit: 100, period };
        assert_eq!(read(&headers), [expected]);
    }
}
