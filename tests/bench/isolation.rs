//! How many requests it takes to find the bad accounts of a refused batch.
//!
//! Counted are the refused original and every question after it, confirmations included. Beside
//! the engine's search stands plain halving: both halves of each refused group are asked about.

use hwm_engine::status::isolate::Isolation;

const ACCOUNTS: usize = 100;
const PLACEMENTS: usize = 2000;
const MOST: usize = 2 * ACCOUNTS;

fn main() {
    println!("{ACCOUNTS} accounts, {PLACEMENTS} placements of the bad ones for each row");
    println!();
    println!(" bad   mean  worst   goal   log2 C   halving: mean  worst");
    let mut missed = false;
    for bad in [1, 2, 3, 5, 10, 20, 50, 100] {
        let mut random = fastrand::Rng::with_seed(bad as u64);
        let placements: Vec<_> = (0..PLACEMENTS).map(|_| place(bad, &mut random)).collect();
        let search = Cost::of(&placements, search);
        let halving = Cost::of(&placements, halve);
        let bits = choices_in_bits(bad);
        let goal = (bad <= 5).then_some(1.25 * bits + 3.0);
        missed |= search.worst > MOST || goal.is_some_and(|goal| search.mean > goal);
        println!(
            "{bad:4} {:6.2} {:6} {:>6} {bits:8.2} {:15.2} {:6}",
            search.mean,
            search.worst,
            goal.map_or(format!("≤ {MOST}"), |goal| format!("{goal:.2}")),
            halving.mean,
            halving.worst,
        );
    }
    println!();
    println!("goals: mean ≤ 1.25 × log2 C + 3 for up to 5 bad, never more than {MOST}");
    println!("{}", if missed { "MISSED" } else { "met" });
    std::process::exit(i32::from(missed));
}

/// Which accounts are bad.
fn place(bad: usize, random: &mut fastrand::Rng) -> Vec<bool> {
    let mut is_bad: Vec<_> = (0..ACCOUNTS).map(|i| i < bad).collect();
    random.shuffle(&mut is_bad);
    is_bad
}

struct Cost {
    mean: f64,
    worst: usize,
}

impl Cost {
    fn of(placements: &[Vec<bool>], requests: impl Fn(&[bool]) -> usize) -> Cost {
        let all: Vec<_> = placements.iter().map(|is_bad| requests(is_bad)).collect();
        Cost {
            mean: all.iter().sum::<usize>() as f64 / all.len() as f64,
            worst: all.iter().copied().max().unwrap_or(0),
        }
    }
}

/// Requests of the engine's search; it must find exactly the bad ones.
fn search(is_bad: &[bool]) -> usize {
    let mut isolation = Isolation::new((0..is_bad.len() as u32).collect());
    let mut found = vec![false; is_bad.len()];
    let mut requests = 1;
    while let Some(group) = isolation.next(is_bad.len()) {
        requests += 1;
        if !group.iter().any(|&account| is_bad[account as usize]) {
            isolation.passed();
        } else if isolation.refused() {
            found[group[0] as usize] = true;
        }
    }
    assert_eq!(found, is_bad, "the search must find the bad accounts and no other");
    requests
}

/// Requests of plain halving for a group, the one for the group itself included.
fn halve(is_bad: &[bool]) -> usize {
    if is_bad.len() == 1 || !is_bad.contains(&true) {
        return 1;
    }
    let (left, right) = is_bad.split_at(is_bad.len() / 2);
    1 + halve(left) + halve(right)
}

/// log2 of the number of ways to choose the bad accounts.
fn choices_in_bits(bad: usize) -> f64 {
    (0..bad).map(|i| ((ACCOUNTS - i) as f64 / (i + 1) as f64).log2()).sum()
}
