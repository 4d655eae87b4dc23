//! Randomness that follows from the seed alone.

/// A SplitMix64 generator: small, fast, and the same on every platform.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// A generator for one `purpose`, so that what one part draws never shifts another part's luck.
    pub(crate) fn new(seed: u64, purpose: &str) -> Chance {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in purpose.bytes() {
            state = mix(state ^ u64::from(byte));
        }
        Chance(state)
    }

    /// A generator for the `n`-th event of a purpose, whatever order the events come in.
    pub(crate) fn nth(seed: u64, purpose: &str, n: u64) -> Chance {
        let Chance(state) = Chance::new(seed, purpose);
        Chance(mix(state ^ mix(n)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// True with the given probability.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        unit < probability
    }

    /// `count` lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, count: usize) -> String {
        self.text(count, b"0123456789abcdef")
    }

    /// `count` letters and digits.
    pub(crate) fn alphanumeric(&mut self, count: usize) -> String {
        self.text(count, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    }

    fn text(&mut self, count: usize, alphabet: &[u8]) -> String {
        (0..count)
            .map(|_| char::from(alphabet[(self.next() % alphabet.len() as u64) as usize]))
            .collect()
    }
}

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_and_purpose_draw_the_same() {
        let draw = |seed, purpose| Chance::new(seed, purpose).hex(32);
        assert_eq!(draw(7, "users"), draw(7, "users"));
        assert_ne!(draw(7, "users"), draw(8, "users"));
        assert_ne!(draw(7, "users"), draw(7, "tokens"));
    }

    #[test]
    fn probabilities_are_met_roughly() {
        let mut chance = Chance::new(1, "test");
        let hits = (0..10_000).filter(|_| chance.happens(0.4)).count();
        assert!((3_800..4_200).contains(&hits), "{hits}");
    }
}
