//! See `fuzz_checks::hostile_room`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_checks::hostile_room(bytes));
