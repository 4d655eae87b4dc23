//! The way of every request: it arrives, passes the gateway, is acted on, and is answered, unless a
//! fault has other plans.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::arrival::{self, Arrived};
use crate::connection::Line;
use crate::delivery::{self, Delivery};
use crate::fault::{Stage, What};
use crate::gateway;
use crate::operation::Operation;
use crate::world::World;

/// What the service does with a request that the gateway has let through.
pub(crate) type Act = fn(&World, &Arrived) -> Answer;

/// Serves one request.
pub(crate) async fn serve(
    world: Arc<World>,
    operation: Operation,
    mut request: Request,
    act: Act,
) -> Response {
    let began = Instant::now();
    let line: Option<Line> = request.extensions_mut().remove();
    let Some(arrived) = arrival::receive(&world, operation, request).await else {
        return Response::default();
    };
    let exchange = Exchange { world, arrived: Arc::new(arrived), operation, act, began };
    match (exchange.decide().await, line) {
        (Delivery::Whole(answer), _) => exchange.answer(answer),
        (Delivery::Script(script), Some(line)) => {
            match line.play(script, exchange.arrived.n).await {}
        }
        (Delivery::Script(_), None) | (Delivery::Never, _) => pending().await,
    }
}

struct Exchange {
    world: Arc<World>,
    arrived: Arc<Arrived>,
    operation: Operation,
    act: Act,
    began: Instant,
}

impl Exchange {
    /// Does everything that the request leads to, but for the delivery itself.
    async fn decide(&self) -> Delivery {
        let (world, arrived) = (&self.world, &self.arrived);
        if arrived.too_large {
            let refusal = arrived.refuse(413, "SANDBOX.BODY_TOO_LARGE");
            return self.settle(false, None, refusal);
        }
        let numbered = world.schedule.number(self.operation.target());
        let accounts = arrived.accounts.as_deref().unwrap_or_default();
        let strike = |stage| world.schedule.strike(stage, numbered, accounts);
        if let Some(what) = strike(Stage::Network) {
            return self.settle(false, Some(&what), Answer::default());
        }
        let mut passage = gateway::pass(world, self.operation, arrived);
        if let Some(mut refusal) = passage.refusal.take() {
            refusal.headers.append(&mut passage.headers);
            return self.settle(false, None, refusal);
        }
        let (what, answer) = match strike(Stage::Service) {
            Some(what) => (Some(what), Answer::default()),
            None => match strike(Stage::Answer) {
                Some(What::DelayedEffect { ms }) => {
                    return Delivery::Whole(self.act_later(ms, passage.headers).await);
                }
                what => (what, (self.act)(world, arrived)),
            },
        };
        let answer = with_headers(answer, passage.headers);
        let delivery = self.settle(true, what.as_ref(), answer);
        self.wait_for_latency().await;
        delivery
    }

    /// Turns what was decided into a delivery, and tells the log.
    fn settle(&self, accepted: bool, what: Option<&What>, mut answer: Answer) -> Delivery {
        let changed = std::mem::take(&mut answer.changed);
        let code = answer.error_code.to_string();
        let delivery = match what {
            None => Delivery::Whole(answer),
            Some(what) => Delivery::of(what, &self.world, &self.arrived, answer),
        };
        let code = match &delivery {
            Delivery::Whole(answer) => answer.error_code.to_string(),
            Delivery::Script(script) if script.status != 0 => code,
            Delivery::Script(_) | Delivery::Never => String::new(),
        };
        let change = self.changed_now(changed);
        self.world.log.decide(self.arrived.n, |request| {
            request.accepted = accepted;
            request.status = delivery.status();
            request.error_code = code;
            (request.effective_at_ms, request.changed) = change;
        });
        delivery
    }

    /// Acts after a while, on a task of its own that does not care whether the client is still there.
    async fn act_later(&self, ms: u64, headers: Vec<(String, String)>) -> Answer {
        let (world, arrived, act) = (Arc::clone(&self.world), Arc::clone(&self.arrived), self.act);
        world.log.decide(arrived.n, |request| request.accepted = true);
        let later = Exchange { world, arrived, ..*self };
        let (done, answer) = oneshot::channel();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            let mut answer = act(&later.world, &later.arrived);
            let change = later.changed_now(std::mem::take(&mut answer.changed));
            later.world.log.amend(later.arrived.n, |request| {
                request.status = answer.status;
                request.error_code = answer.error_code.to_string();
                (request.effective_at_ms, request.changed) = change;
            });
            // Whether anybody still waits for it is just what must not matter.
            let _ = done.send(with_headers(answer, headers));
        });
        match answer.await {
            Ok(answer) => answer,
            // The sandbox is stopping.
            Err(_) => pending().await,
        }
    }

    /// When a change took place and what the log shall keep of it.
    fn changed_now(&self, changed: Vec<String>) -> (u64, Vec<String>) {
        match (changed.is_empty(), self.world.config().log_bodies) {
            (true, _) => (0, changed),
            (false, true) => (self.world.clock.now_ms(), changed),
            (false, false) => (self.world.clock.now_ms(), Vec::new()),
        }
    }

    /// The answer for the HTTP server, which is all that can be known about its being given.
    fn answer(&self, answer: Answer) -> Response {
        let n = self.arrived.n;
        self.world.log.amend(n, |request| request.answered = true);
        delivery::response(&self.world, &self.arrived, answer)
    }

    /// The latency counts from the arrival. The timer rounds up to whole milliseconds, so that on
    /// average it comes half of one late: aimed that much earlier, the mean is the configured one.
    async fn wait_for_latency(&self) {
        let latency = Duration::from_millis(self.world.config().latency_ms);
        if !latency.is_zero() {
            let aim = latency.saturating_sub(Duration::from_micros(500));
            tokio::time::sleep_until(self.began + aim).await;
        }
    }
}

fn with_headers(mut answer: Answer, headers: Vec<(String, String)>) -> Answer {
    answer.headers.extend(headers);
    answer
}
