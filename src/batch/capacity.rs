//! Too few resources: what is out ends, then the earliest refused batches get what is left.

use hwm_engine::verdict::Verdict;

use crate::batch::run::Run;
use crate::batch::task::{Purpose, Task};
use crate::fault::{ErrorKind, Fault};

impl Run<'_, '_> {
    /// A batch was refused when nothing new is started any more. What that leaves open is kept: the
    /// search for what fits needs it, and a call that ends before has left it undone.
    pub(crate) fn refused_late(&mut self, task: Task, judges_account: bool) {
        let alone = task.positions.len() == 1;
        match task.purpose {
            Purpose::Fit => {
                if let Some(fit) = &mut self.refusals.fit {
                    if alone && judges_account { fit.skip() } else { fit.refused() }
                }
                return;
            }
            Purpose::Isolate(number) => {
                if let Some(search) = self.refusals.search(number) {
                    search.refused();
                }
            }
            Purpose::Set if alone => {}
            Purpose::Set if self.settings.isolate => {
                self.refusals.park(task.positions);
                return;
            }
            Purpose::Set => self.settle(&task),
        }
        if alone && !judges_account && self.out_of_capacity.is_some() {
            // Nobody behind this account is to be enabled before it.
            self.refusals.park(task.positions);
        }
    }

    /// Too few resources: nothing new is started but, when all that is out has ended, the search
    /// for what fits.
    pub(crate) fn out_of_capacity(&mut self, task: Task, verdict: Verdict) {
        let message = format!("too few resources: {}", verdict.says());
        log::warn!(target: "hwm", "{message}");
        self.ending.note(Fault::of(&verdict, ErrorKind::Capacity, message));
        self.out_of_capacity = Some(verdict);
        self.refused_late(task, false);
        self.waiting.retain(|task| task.purpose == Purpose::Set);
        for task in std::mem::take(&mut self.ready) {
            if task.purpose == Purpose::Set && task.errand.sends > 0 {
                self.ready.push_back(task);
            } else if task.is_part {
                // Its batch had begun: nobody behind these accounts is to be enabled before them.
                self.refusals.park(task.positions);
            }
        }
    }

    /// The search for what fits is over, and so is the call.
    fn end_fit(&mut self) {
        self.refusals.fit = None;
        if let Some(verdict) = self.out_of_capacity.take() {
            let (applied, total) = (self.ledger.applied, self.ledger.len());
            let message = format!(
                "too few resources: {applied} of {total} enabled; disable others first, then run \
                 this again: {}",
                verdict.says()
            );
            self.ending.stop(Fault::of(&verdict, ErrorKind::Capacity, message));
        }
    }

    /// The next question for what fits, all else having ended.
    pub(crate) fn next_fit(&mut self) -> Option<Task> {
        let most = self.batch_size;
        let next = if self.settings.isolate { self.refusals.next_fit(most) } else { None };
        if next.is_none() {
            self.end_fit();
        }
        next.map(|positions| self.task(Purpose::Fit, positions))
    }
}
