//! `/v1/usg/acs/token`: what becomes of a token later. `PUT` refreshes it, `DELETE` logs out.

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::routes::grant::granted;
use crate::world::World;

pub(crate) fn refresh(world: &World, arrived: &Arrived) -> Answer {
    let config = world.config();
    let token = arrived.header("x-access-token").unwrap_or_default();
    match world.tokens.refresh(token, &config, world.clock.now_ms()) {
        Some(pair) => granted(&pair, &config),
        None => arrived.refuse(401, "USG.000000004"),
    }
}

pub(crate) fn log_out(world: &World, arrived: &Arrived) -> Answer {
    let token = arrived.header("x-access-token").unwrap_or_default();
    if world.tokens.revoke(token, world.clock.now_ms()) {
        Answer::ok("")
    } else {
        arrived.refuse(401, "USG.000000004")
    }
}
