//! See `fuzz_checks::hydrate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_checks::hydrate(bytes));
