//! `GET /v1/usg/dcs/corp/member`: the users, page by page.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::users::User;
use crate::world::World;

/// The department that everybody is in.
const DEPARTMENT: &str = "1";

/// What a listing asks for.
struct Listing {
    offset: usize,
    limit: usize,
    status: Option<u8>,
    user_types: Vec<u8>,
    search_key: Option<String>,
    department: Option<String>,
}

pub(crate) fn act(world: &World, arrived: &Arrived) -> Answer {
    let page_limit = world.config().page_limit;
    let Some(listing) = listing(arrived, page_limit) else {
        return arrived.refuse(400, "USG.000000003");
    };
    let matching = world.users.matching(|user| listing.wants(user));
    let count = matching.len();
    // An offset past the end gets the last page once more, as the service does it.
    let first = match listing.offset {
        offset if offset < count => offset,
        _ => count.saturating_sub(1) / listing.limit * listing.limit,
    };
    let data: Vec<Value> = matching.iter().skip(first).take(listing.limit).map(shown).collect();
    let body = json!({
        "count": count,
        "limit": listing.limit,
        "offset": listing.offset,
        "data": data,
    });
    Answer::ok(body.to_string())
}

/// What the query asks for; `None` when it is not legal.
fn listing(arrived: &Arrived, page_limit: usize) -> Option<Listing> {
    let number = |name: &str, default: usize| match arrived.query_value(name) {
        None => Some(default),
        Some(text) => text.parse().ok(),
    };
    let user_types = arrived
        .query_values("userType")
        .map(|text| text.parse().ok())
        .collect::<Option<Vec<u8>>>()?;
    let listing = Listing {
        offset: number("offset", 0)?,
        limit: number("limit", 10)?,
        status: match arrived.query_value("status").as_deref() {
            None | Some("") => None,
            Some("0") => Some(0),
            Some("1") => Some(1),
            Some(_) => return None,
        },
        user_types: if user_types.is_empty() { vec![2] } else { user_types },
        search_key: arrived.query_value("searchKey"),
        department: arrived.query_value("deptCode"),
    };
    (1..=page_limit).contains(&listing.limit).then_some(listing)
}

impl Listing {
    fn wants(&self, user: &User) -> bool {
        let found = |key: &String| {
            user.account.contains(key)
                || user.name.contains(key)
                || user.third_account.as_ref().is_some_and(|id| id.contains(key))
        };
        self.status.is_none_or(|status| status == user.status)
            && self.user_types.contains(&user.user_type)
            && self.search_key.as_ref().is_none_or(found)
            && self.department.as_deref().is_none_or(|code| code == DEPARTMENT)
    }
}

fn shown(user: &User) -> Value {
    json!({
        "userAccount": user.account,
        "thirdAccount": user.third_account,
        "name": user.name,
        "status": user.status,
        "userType": user.user_type,
        "adminType": user.admin_type,
        "deptCode": DEPARTMENT,
        "email": null,
        "phone": null,
    })
}
