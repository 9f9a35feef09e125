//! input-log.
