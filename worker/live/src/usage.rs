//! What a process costs, and how long it has to wait for that: processor time and memory, as Linux counts them.

use std::time::Duration;

use anyhow::Context as _;

/// Ticks of a second in `/proc`: `USER_HZ`, which is 100 on every platform that Rust runs on (proc(5)).
const TICKS_PER_SECOND: u64 = 100;

/// What a process has taken so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) processor: Duration,
    /// Resident now.
    pub(crate) kibibytes: u64,
}

/// Of a running process.
pub(crate) fn of(process_id: u32) -> anyhow::Result<Usage> {
    let read = |file: &str| {
        let path = format!("/proc/{process_id}/{file}");
        std::fs::read_to_string(&path)
            .with_context(|| format!("{path}: processor time is counted on Linux only"))
    };
    let stat = read("stat")?;
    // The name, which may hold anything, ends with the last parenthesis; user and system time are the 12th and 13th
    // field after it.
    let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let (user, system) = (ticks(11), ticks(12));
    let ticks = user.zip(system).map(|(user, system)| user + system);
    let status = read("status")?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = resident.and_then(|line| line.split_whitespace().next()?.parse().ok());
    Ok(Usage {
        processor: Duration::from_millis(
            ticks.context("no times in stat")? * 1_000 / TICKS_PER_SECOND,
        ),
        kibibytes: kibibytes.context("no VmRSS in status")?,
    })
}

/// How long a process's first thread has been ready so far while every processor was taken: what the machine, and nothing in
/// the process, is to blame for. Nothing where Linux does not count it.
pub(crate) fn kept_waiting(process_id: u32) -> Duration {
    // Nanoseconds on a processor, nanoseconds of waiting for one, and how often (proc(5), Documentation/scheduler).
    let schedstat = std::fs::read_to_string(format!("/proc/{process_id}/schedstat"));
    let waited = schedstat.ok().and_then(|line| {
        let nanos = line.split_whitespace().nth(1)?;
        nanos.parse().ok().map(Duration::from_nanos)
    });
    waited.unwrap_or_default()
}
