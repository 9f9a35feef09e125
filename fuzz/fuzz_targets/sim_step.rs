//! See `fuzz_checks::sim_step`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_checks::sim_step(bytes));
