//! See `fuzz_checks::input_log`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_checks::input_log(bytes));
