//! netcode.
