//! What a shell and `man` are told of the tool. Both are made from the command line itself, so that they say what it does.

use std::io::Write as _;
use std::path::Path;

use clap::Command;
use clap_complete::Shell;

use crate::exit::{Exit, Failure};
use crate::print;
use crate::save::{self, Target};

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell, mut tool: Command) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tool, "replay", &mut script);
    match std::io::stdout().write_all(&script) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => print::unwritable(&error),
        Ok(()) | Err(_) => Exit::Holds,
    }
}

/// Writes a page for the tool and one for each of its commands.
///
/// # Errors
/// If one cannot be written.
pub(crate) fn pages(folder: &Path, mut tool: Command) -> Result<Exit, Failure> {
    save::folder(folder)?;
    tool.build();
    let mut count = 0;
    let commands: Vec<Command> = tool.get_subcommands().cloned().collect();
    for command in [tool].into_iter().chain(commands) {
        if command.is_hide_set() || command.get_name() == "help" {
            continue;
        }
        let man = clap_mangen::Man::new(command);
        let mut page = Vec::new();
        let rendered = man.render(&mut page);
        rendered.map_err(|error| Failure::Usage(error.to_string()))?;
        Target::at(&folder.join(man.get_filename()))?.write(&page)?;
        count += 1;
    }
    say!("{count} pages in {}", folder.display());
    Ok(Exit::Holds)
}
