//! See `fuzz_checks::delta_merge`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_checks::delta_merge(bytes));
