//! Order among input numbers. They never run over (`protocol::limits::NUMBER_LAST`), but the one before the first is not
//! below zero: serial arithmetic has no such edges.

/// Whether `later` comes after `earlier`. Holds while they are less than 2^31 apart.
pub(crate) const fn is_after(later: u32, earlier: u32) -> bool {
    ahead(later, earlier) > 0
}

/// How far `later` is ahead of `earlier`; negative if it is behind.
pub(crate) const fn ahead(later: u32, earlier: u32) -> i32 {
    later.wrapping_sub(earlier) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_after_the_last_one_are_later() {
        assert!(is_after(1, 0));
        assert!(!is_after(1, 1));
        assert!(is_after(0, u32::MAX));
        assert_eq!(ahead(2, u32::MAX - 1), 4);
        assert_eq!(ahead(u32::MAX - 1, 2), -4);
    }
}
