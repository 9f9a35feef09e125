//! The rules of this build as a wasm module: what `cargo xtask kernel` builds and keeps in `kernels/`.
#![allow(
    unsafe_code,
    reason = "a module's exports have names that are not mangled"
)]

kernel::export!(input_log::Native => input_log::Native);
