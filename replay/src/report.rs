//! Where clients' predictions and the room came apart in recordings: a table, lines of JSON, and a page with a timeline.
//!
//! * Corrections are rebuilt as `why` rebuilds them, and the page tells each in the sentence of `why`.
//! * The recording is held against its rerun first. One that diverges has no report: it would be about another session.
//! * The page is one file. It loads nothing, and what comes from a recording is text in it and never markup.

use std::path::PathBuf;

use clap::Args;

use crate::exit::{Exit, Failure};
use crate::loss::Loss;
use crate::many;
use crate::rerun::Rules;
use crate::rules_args::RulesArgs;
use crate::save::Target;
use crate::source::{self, Source};

mod measured;
mod page;
mod series;
mod shapes;
mod sums;
mod table;

use measured::Measured;

/// `replay divergence`.
#[derive(Args, Clone, Debug)]
pub(crate) struct DivergenceArgs {
    /// Recordings, and folders whose recordings are taken.
    #[arg(required = true, value_name = "REC|DIR")]
    files: Vec<PathBuf>,
    /// Write a page with a timeline of each player of the one recording into this file. It needs no network.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// The viewer's address of the recording: the page links each correction to its step there.
    #[arg(long, value_name = "URL", requires = "html")]
    viewer: Option<String>,
    /// Answer with lines of JSON: one for each recording, one for each of its players, and at the end one with ok, recordings, told,
    /// players, corrections and what else can be added up.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

/// A recording that was asked for, and what became of it.
type Asked = (String, Result<Measured, Failure>);

/// Does what the arguments ask for.
///
/// # Errors
/// If the arguments make no sense, the page cannot be written, or there is no report of the one recording.
pub(crate) fn run(args: &DivergenceArgs) -> Result<Exit, Failure> {
    if let Some(viewer) = &args.viewer {
        check_viewer(viewer)?;
    }
    let is_one = matches!(&args.files[..], [file] if !file.is_dir());
    let files = many::recordings(&args.files)?;
    if args.html.is_some() && files.len() != 1 {
        return Err(Failure::Usage(
            "--html draws one recording; name one, or leave it out".to_owned(),
        ));
    }
    // Whatever cannot be written is said before the work.
    let html = args.html.as_deref().map(Target::at).transpose()?;
    let rules = args.rules.read()?;
    let reports = many::each(&files, |file| {
        let named = |failure: Failure| failure.about(&file.display().to_string());
        measure(source::recording(file)?, &rules).map_err(named)
    });
    let names = files.iter().map(|file| file.display().to_string());
    let mut told: Vec<Asked> = names.zip(reports).collect();
    if is_one && let Some((_, Err(_))) = told.first() {
        return told.remove(0).1.map(|_| Exit::Holds);
    }
    let exit = many::worst(told.iter().map(|(_, report)| match report {
        Ok(report) => report.exit(),
        Err(failure) => failure.exit(),
    }));
    let mut written = None;
    if let (Some(html), [(name, Ok(report))]) = (html, &told[..]) {
        let page = page::html(name, report, args.viewer.as_deref());
        written = Some(html.write(page.as_bytes())?);
    }
    if args.json {
        shapes::lines(&told, exit == Exit::Holds);
        return Ok(exit);
    }
    table::table(&told);
    if let Some(path) = written {
        say!("{} has the timeline", path.display());
    }
    Ok(exit)
}

fn measure(source: Source, rules: &Rules) -> Result<Measured, Failure> {
    let Source { bytes, unread } = source;
    let mut measured = measured::measured(&bytes, rules)?;
    Loss::add_unread(&mut measured.lost, unread);
    Ok(measured)
}

/// A link of another kind could be a script.
fn check_viewer(viewer: &str) -> Result<(), Failure> {
    let is_of_a_page = viewer.starts_with("http://") || viewer.starts_with("https://");
    if !is_of_a_page || viewer.contains('#') {
        return Err(Failure::Usage(format!(
            "--viewer {viewer} is no address of the viewer; it begins with http:// or https:// and has no #, such as \
             http://127.0.0.1:8787/replay"
        )));
    }
    Ok(())
}
