//! `cargo xtask fuzz`: runs the fuzz targets, takes what they learned into the committed corpora, and reports.
//!
//! * One target after the other, on one core, each for the same time.
//! * Working corpora grow under the target folder from run to run; the committed ones are a smallest set of inputs that
//!   reaches the same edges.
//! * A finding ends its target, not the run; it is kept in `fuzz/artifacts`, and the run fails in the end.

mod cover;
mod report;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use crate::run::{root, run, target_dir};
use crate::save::save;
use crate::tools::{CargoTool, ensure_cargo_tool};
use report::{Row, Stats};

const CARGO_FUZZ: CargoTool = CargoTool {
    package: "cargo-fuzz",
    version: "0.13.2",
    bin: "cargo-fuzz",
};

/// What is different from target to target.
struct Limits {
    /// Bytes of an input.
    input_bytes: usize,
    /// Committed inputs: what runs as a plain test in seconds, without optimisation. Only the largest corpora have more
    /// that would add something, a few edges each.
    committed: usize,
}

impl Limits {
    fn of(target: &str) -> Self {
        if target == "reconcile" {
            // The longest script, and sessions that take half a second each.
            return Self {
                input_bytes: 276,
                committed: 24,
            };
        }
        // A second of a busy room fits.
        Self {
            input_bytes: 4_096,
            committed: 200,
        }
    }
}

/// An input that takes longer is a finding: nothing that a peer sends may cost as much.
const INPUT_SECONDS_MAX: u32 = 20;
/// Memory of one target, input and all.
const MEMORY_MB_MAX: u32 = 1_024;

/// What `cargo xtask fuzz` is asked for.
#[derive(Args, Debug)]
pub(crate) struct FuzzArgs {
    /// How long each target runs; 0 only takes over what earlier runs learned.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// Only this target; may be given again.
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
    /// Leave the committed corpora as they are.
    #[arg(long)]
    keep_corpora: bool,
}

/// Runs the command.
pub(crate) fn fuzz(args: &FuzzArgs) -> anyhow::Result<()> {
    let all = targets()?;
    for name in &args.target {
        ensure!(
            all.contains(name),
            "no target is called {name}; there are {}",
            all.join(", ")
        );
    }
    ensure_nightly()?;
    build()?;
    let mut rows = Vec::new();
    for name in &all {
        if args.target.is_empty() || args.target.contains(name) {
            let target = Target::named(name)?;
            let stats = target.search(args.seconds)?;
            if !args.keep_corpora && stats.finding.is_none() {
                target.commit()?;
            }
            rows.push(Row {
                name: name.clone(),
                stats,
                corpus: files(&target.committed)?.len(),
            });
        }
    }
    let report = report::table(&rows);
    let path = work().join("report.md");
    save(&path, report.as_bytes())?;
    println!("\n{report}\nalso in {}", path.display());
    let found: Vec<String> = rows.iter().filter_map(report::finding).collect();
    if !found.is_empty() {
        bail!("{}", found.join("\n"));
    }
    Ok(())
}

/// The names of the targets: those of their files.
fn targets() -> anyhow::Result<Vec<String>> {
    let files = files(&root().join("fuzz/fuzz_targets"))?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    Ok(files.into_iter().filter_map(stem).collect())
}

/// The files in a folder, sorted; none if there is no folder.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// Where everything is that is not committed.
fn work() -> PathBuf {
    target_dir().join("fuzz")
}

/// Instrumentation is only in nightly compilers.
fn ensure_nightly() -> anyhow::Result<()> {
    let found = Command::new("rustup")
        .args(["run", "nightly", "rustc", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ensure!(
        found.is_ok_and(|status| status.success()),
        "fuzzing needs a nightly compiler; `rustup toolchain install nightly --profile minimal` installs it"
    );
    Ok(())
}

/// Builds every target, with debug assertions and without sanitizer: there is no unsafe code that one could look into, and
/// it would cost half of the speed.
fn build() -> anyhow::Result<()> {
    let tool = ensure_cargo_tool(&CARGO_FUZZ)?;
    let mut build = Command::new(tool);
    build.args(["fuzz", "build", "--fuzz-dir", "fuzz", "--sanitizer", "none"]);
    build.arg("--target-dir").arg(work().join("build"));
    // Cargo says of itself and of the pinned toolchain in variables, which would win over this.
    build
        .env("RUSTUP_TOOLCHAIN", "nightly")
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .current_dir(root());
    run(&mut build)
}

struct Target {
    name: String,
    limits: Limits,
    binary: PathBuf,
    /// `fuzz/corpus/<name>`.
    committed: PathBuf,
    regressions: PathBuf,
    /// Everything that was ever learned here.
    learned: PathBuf,
    /// Where libFuzzer puts what does not hold, as a prefix.
    artifacts: PathBuf,
}

impl Target {
    fn named(name: &str) -> anyhow::Result<Self> {
        let fuzz = root().join("fuzz");
        let built = work().join("build");
        let target = Self {
            limits: Limits::of(name),
            binary: binary(&built, name)?,
            committed: fuzz.join("corpus").join(name),
            regressions: fuzz.join("regressions").join(name),
            learned: work().join("corpus").join(name),
            artifacts: fuzz.join("artifacts").join(name),
            name: name.to_owned(),
        };
        for folder in [
            &target.committed,
            &target.regressions,
            &target.learned,
            &target.artifacts,
        ] {
            fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        }
        Ok(target)
    }

    fn libfuzzer(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(root())
            .stdin(Stdio::null())
            .arg(format!("-max_len={}", self.limits.input_bytes))
            .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
            .arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"))
            .arg(format!("-artifact_prefix={}/", self.artifacts.display()));
        command
    }

    /// Runs it, from what is committed and what was learned before.
    fn search(&self, seconds: u64) -> anyhow::Result<Stats> {
        println!("{}: {seconds} s", self.name);
        let mut command = self.libfuzzer();
        command
            .arg("-print_final_stats=1")
            .arg(if seconds == 0 {
                "-runs=0".to_owned()
            } else {
                format!("-max_total_time={seconds}")
            })
            .args([&self.learned, &self.committed, &self.regressions]);
        let (log, succeeded) = self.logged(&mut command, "search")?;
        let stats = Stats::of(&log);
        if !succeeded && stats.finding.is_none() {
            bail!("{} did not run:\n{log}", self.name);
        }
        println!("  {}", report::line(&stats));
        Ok(stats)
    }

    /// Makes the committed corpus a small one that reaches all edges that are known to be reachable.
    fn commit(&self) -> anyhow::Result<()> {
        let smallest = work().join("smallest").join(&self.name);
        if smallest.is_dir() {
            fs::remove_dir_all(&smallest)?;
        }
        fs::create_dir_all(&smallest)?;
        let control = work().join(format!("{}-merge.control", self.name));
        // It would go on where an interrupted merge of other inputs ended.
        if control.is_file() {
            fs::remove_file(&control)?;
        }
        let mut command = self.libfuzzer();
        // How often an edge is passed makes a corpus ten times as large.
        command
            .args(["-set_cover_merge=1", "-use_counters=0"])
            .arg(format!("-merge_control_file={}", control.display()))
            .args([&smallest, &self.committed, &self.learned]);
        let (log, succeeded) = self.logged(&mut command, "merge")?;
        let chosen = cover::choose(
            &cover::read(&fs::read_to_string(&control)?),
            self.limits.committed,
        );
        ensure!(
            succeeded && !chosen.is_empty(),
            "{} cannot be merged:\n{log}",
            self.name
        );
        // The new ones come before the old ones go: a run that is killed in between leaves too many, and none is missing.
        let mut kept = Vec::new();
        for path in chosen {
            let bytes = fs::read(&path).with_context(|| format!("{}", path.display()))?;
            let name = path.file_name().expect("it was listed by its name");
            let path = self.committed.join(name);
            save(&path, &bytes)?;
            kept.push(path);
        }
        for old in files(&self.committed)? {
            if !kept.contains(&old) {
                fs::remove_file(old)?;
            }
        }
        Ok(())
    }

    /// Runs a command to its end, with what it says in a file: its text, and whether it succeeded.
    fn logged(&self, command: &mut Command, what: &str) -> anyhow::Result<(String, bool)> {
        let path = work().join(format!("{}-{what}.log", self.name));
        let log = File::create(&path).with_context(|| format!("{}", path.display()))?;
        let status = command
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let text = fs::read(&path)?;
        Ok((
            String::from_utf8_lossy(&text).into_owned(),
            status.success(),
        ))
    }
}

/// The folder between is the host's triple.
fn binary(built: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let places = files(built)?;
    let places = places.iter().map(|place| place.join("release").join(&name));
    places
        .into_iter()
        .find(|path| path.is_file())
        .with_context(|| format!("{name} was not built"))
}
