//! Answers as the service words them.

use std::borrow::Cow;

use serde_json::json;

/// The language of `error_msg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// What an `Accept-Language` header asks for: the first of its tags that the service speaks.
    pub(crate) fn from_header(value: Option<&str>) -> Language {
        for tag in value.unwrap_or_default().split(',') {
            let tag = tag.trim().to_ascii_lowercase();
            if tag.starts_with("en") {
                return Language::English;
            }
            if tag.starts_with("zh") {
                return Language::Chinese;
            }
        }
        Language::Chinese
    }
}

/// The content type of everything that the service says itself.
pub(crate) const JSON: &str = "application/json;charset=UTF-8";

/// An answer before the headers that all answers share are put on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) error_code: Cow<'static, str>,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The accounts that the service changed on the way to this answer.
    pub(crate) changed: Vec<String>,
    /// Whether it is the word of something in between, without the gateway's headers.
    pub(crate) by_proxy: bool,
}

impl Answer {
    /// A 200 with this JSON text.
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status: 200,
            content_type: Cow::Borrowed(JSON),
            body: body.into(),
            ..Answer::default()
        }
    }

    /// A refusal in the service's form.
    pub(crate) fn error(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        language: Language,
        request_id: &str,
    ) -> Answer {
        let code = code.into();
        let message = message(status, &code, language);
        Answer::error_saying(status, code, message, request_id)
    }

    /// A refusal with its own words.
    pub(crate) fn error_saying(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: &str,
        request_id: &str,
    ) -> Answer {
        let code = code.into();
        let body = json!({"error_code": code, "error_msg": message, "request_id": request_id});
        Answer {
            status,
            body: body.to_string().into_bytes(),
            error_code: code,
            content_type: Cow::Borrowed(JSON),
            ..Answer::default()
        }
    }
}

/// What the service says to a code.
fn message(status: u16, code: &str, language: Language) -> &'static str {
    let (chinese, english) = match (status, code) {
        (_, "USG.000000003") => ("参数不合法", "The parameters are not legal"),
        (401, "USG.000000004") => ("鉴权失败", "Authentication fails"),
        (_, "USG.000000004") => ("Illegal request", "Illegal request"),
        (_, "USG.201040000") => ("用户帐号不存在", "The user account does not exist"),
        (_, "USG.201050006") => (
            "您购买的资源不足,不能激活使用",
            "The purchased resources are not enough to enable this",
        ),
        (_, "USG.206010000") => ("用户名或密码错误", "User name or password is incorrect"),
        (_, "SANDBOX.BATCH_TOO_LARGE") => ("列表过长", "The list is too long"),
        (_, "SANDBOX.BODY_TOO_LARGE") => ("请求体过大", "The body is too large"),
        (404, _) => ("接口不存在", "There is no such API"),
        (405, _) => ("方法不允许", "The method is not allowed"),
        (412, _) => ("帐号被停用", "The account is disabled"),
        (423, _) => ("帐号已被锁定", "The account is locked"),
        (400..500, _) => ("请求被拒绝", "The request is refused"),
        _ => ("服务端异常", "Server exception"),
    };
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Language};

    #[test]
    fn the_language_is_chinese_unless_english_comes_first() {
        for (header, language) in [
            (None, Language::Chinese),
            (Some("zh-CN"), Language::Chinese),
            (Some("en-US"), Language::English),
            (Some("fr, en;q=0.5"), Language::English),
            (Some("zh-CN,en-US"), Language::Chinese),
        ] {
            assert_eq!(Language::from_header(header), language, "{header:?}");
        }
    }

    #[test]
    fn an_error_body_has_the_three_documented_fields() {
        let answer = Answer::error(400, "USG.201040000", Language::Chinese, "208b");
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        let expected = serde_json::json!({
            "error_code": "USG.201040000", "error_msg": "用户帐号不存在", "request_id": "208b",
        });
        assert_eq!(body, expected);
    }
}
