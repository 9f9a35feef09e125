//! Shots that hit, deaths and respawns.
