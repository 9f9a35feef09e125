//! sim-core.
