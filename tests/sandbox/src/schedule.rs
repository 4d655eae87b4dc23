//! Which fault befalls which request.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::chance::Chance;
use crate::fault::{Fault, Stage, What, When};
use crate::operation::Target;

/// The faults that are set, and how often each has struck; shared by all connections.
#[derive(Debug)]
pub(crate) struct Schedule(Mutex<Armed>);

#[derive(Debug)]
struct Armed {
    seed: u64,
    faults: Vec<(Fault, u64)>,
    status_requests: u64,
    token_requests: u64,
    requests: u64,
}

impl Armed {
    fn new(seed: u64, faults: Vec<Fault>) -> Armed {
        Armed {
            seed,
            faults: faults.into_iter().map(|fault| (fault, 0)).collect(),
            status_requests: 0,
            token_requests: 0,
            requests: 0,
        }
    }
}

/// The numbers that a request goes by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered {
    target: Target,
    among_its_kind: u64,
    among_all: u64,
}

impl Schedule {
    pub(crate) fn new(seed: u64, faults: Vec<Fault>) -> Schedule {
        Schedule(Mutex::new(Armed::new(seed, faults)))
    }

    fn armed(&self) -> MutexGuard<'_, Armed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets other faults and starts to count requests anew.
    pub(crate) fn replace(&self, faults: Vec<Fault>) {
        let mut armed = self.armed();
        *armed = Armed::new(armed.seed, faults);
    }

    /// Gives a request that has just arrived its numbers.
    pub(crate) fn number(&self, target: Target) -> Numbered {
        let mut armed = self.armed();
        armed.requests += 1;
        let among_its_kind = match target {
            Target::Status => {
                armed.status_requests += 1;
                armed.status_requests
            }
            Target::Token => {
                armed.token_requests += 1;
                armed.token_requests
            }
            Target::Any => armed.requests,
        };
        Numbered { target, among_its_kind, among_all: armed.requests }
    }

    /// What befalls this request at this stage, if anything does.
    pub(crate) fn strike(
        &self,
        stage: Stage,
        request: Numbered,
        accounts: &[String],
    ) -> Option<What> {
        let mut armed = self.armed();
        let seed = armed.seed;
        let (fault, struck) = armed
            .faults
            .iter_mut()
            .enumerate()
            .find(|(index, (fault, struck))| {
                fault.what.stage() == stage
                    && fault.on.covers(request.target)
                    && fault.times.is_none_or(|times| *struck < times)
                    && befalls(fault, *index, seed, request, accounts)
            })
            .map(|(_, armed)| armed)?;
        *struck += 1;
        Some(fault.what.clone())
    }
}

fn befalls(fault: &Fault, index: usize, seed: u64, request: Numbered, accounts: &[String]) -> bool {
    let number = match fault.on {
        Target::Any => request.among_all,
        Target::Status | Target::Token => request.among_its_kind,
    };
    match &fault.when {
        When::Rate(rate) => Chance::nth(seed, &format!("fault {index}"), number).happens(*rate),
        When::Requests(numbers) => numbers.contains(&number),
        When::Every(every) => *every > 0 && number.is_multiple_of(*every),
        When::Account(account) => accounts.contains(account),
        When::Alone { account } => accounts == std::slice::from_ref(account),
        When::All => true,
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use crate::fault::{Fault, Stage, What, When};
    use crate::operation::Target;

    fn struck(schedule: &Schedule, requests: usize) -> Vec<bool> {
        (0..requests)
            .map(|_| {
                let number = schedule.number(Target::Status);
                schedule.strike(Stage::Network, number, &[]).is_some()
            })
            .collect()
    }

    fn fault(when: When) -> Fault {
        Fault::new(when, What::ResetBefore)
    }

    #[test]
    fn a_rate_strikes_the_same_requests_for_the_same_seed() {
        let run = |seed| struck(&Schedule::new(seed, vec![fault(When::Rate(0.3))]), 1000);
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let count = run(1).into_iter().filter(|struck| *struck).count();
        assert!((250..350).contains(&count), "{count}");
    }

    #[test]
    fn numbers_start_anew_when_faults_are_set() {
        let schedule = Schedule::new(1, vec![fault(When::Requests(vec![2]))]);
        assert_eq!(struck(&schedule, 3), [false, true, false]);
        schedule.replace(vec![fault(When::Every(2)).times(1)]);
        assert_eq!(struck(&schedule, 4), [false, true, false, false]);
    }

    #[test]
    fn kinds_of_requests_are_numbered_apart() {
        let tokens = fault(When::Requests(vec![1])).on(Target::Token);
        let schedule = Schedule::new(1, vec![tokens]);
        assert_eq!(struck(&schedule, 1), [false]);
        let number = schedule.number(Target::Token);
        assert!(schedule.strike(Stage::Network, number, &[]).is_some());
    }

    #[test]
    fn a_fault_of_one_stage_is_not_used_up_at_another() {
        let schedule = Schedule::new(1, vec![fault(When::All).times(1)]);
        let number = schedule.number(Target::Status);
        assert!(schedule.strike(Stage::Answer, number, &[]).is_none());
        assert!(schedule.strike(Stage::Network, number, &[]).is_some());
    }
}
