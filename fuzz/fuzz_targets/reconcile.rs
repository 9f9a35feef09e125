//! See `fuzz_checks::reconcile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_checks::reconcile(bytes));
