//! How far a word is from another.

/// Most changes by which a word still counts as another one misspelt.
pub(crate) const CLOSE: usize = 2;

/// Letters to put in, take out or exchange to make one word of the other, whatever their case.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let other: Vec<char> = other.chars().collect();
    // Distances from what is read of `one` so far to each beginning of `other`.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (read, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], read + 1);
        for (column, &theirs) in other.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != theirs);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances_are_counted_in_letters() {
        for (one, other, expected) in [
            ("", "", 0),
            ("abc", "ABC", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("batchsize", "batch_size", 1),
            ("jounral", "journal", 2),
            ("启用", "停用", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
