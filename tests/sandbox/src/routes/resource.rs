//! `GET /v1/usg/dcs/corp/resource`: how many users the enterprise may have, and has.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::world::World;

/// The kind of user that a SmartRooms account is.
const SMART_ROOMS: u8 = 14;

pub(crate) fn act(world: &World, _: &Arrived) -> Answer {
    let capacity = world.config().capacity;
    let rooms = world.users.matching(|user| user.user_type == SMART_ROOMS);
    let users = world.users.matching(|user| user.user_type != SMART_ROOMS);
    let used = |users: &[crate::users::User]| users.iter().filter(|user| user.status == 0).count();
    let body = json!({
        "teSoftCount": quota(capacity.unwrap_or(users.len()), users.len(), used(&users)),
        "roomCount": quota(rooms.len(), rooms.len(), used(&rooms)),
    });
    Answer::ok(body.to_string())
}

/// The resources that are short of the users there are have expired.
fn quota(sum: usize, users: usize, used: usize) -> Value {
    json!({
        "sumCount": sum,
        "trialCount": 0,
        "expiredCount": users.saturating_sub(sum),
        "expiringCount": 0,
        "usedCount": used,
    })
}
