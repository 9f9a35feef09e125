//! Real browsers: people come through the page, play and are watched by it. What they do is in `game-client/web/e2e`;
//! here is what they ask for.

mod answers;
mod bots;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::stage::Stage;
use answers::Answers;

/// The scenes of the check, in their order.
const SCENES: [&str; 12] = [
    "combat",
    "comes-back",
    "hidden",
    "line",
    "hashes",
    "clerk",
    "viewer",
    "identity",
    "dead-ends",
    "loading",
    "keyboard",
    "layout",
];

/// Which browser, what is played in it, and where its pictures go.
#[derive(Clone, Debug)]
pub(crate) struct Browsers {
    pub(crate) chromium: PathBuf,
    /// Every scene if none is named.
    pub(crate) scenes: Vec<String>,
    pub(crate) pictures: Option<PathBuf>,
}

pub(crate) fn scene(stage: &Stage, browsers: &Browsers) -> anyhow::Result<String> {
    let named: Vec<&str> = browsers.scenes.iter().map(String::as_str).collect();
    let scenes = if named.is_empty() {
        &SCENES[..]
    } else {
        &named
    };
    let mut said = Vec::new();
    let mut failed = Vec::new();
    for name in scenes {
        match play(stage, browsers, name) {
            Ok(text) => said.push(format!("{name}: {text}")),
            // The others may still hold.
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }
    if !failed.is_empty() {
        bail!("{}\nthese hold: {}", failed.join("\n"), said.join("\n"));
    }
    Ok(said.join("; "))
}

fn play(stage: &Stage, browsers: &Browsers, name: &str) -> anyhow::Result<String> {
    let stage = stage.scene(&format!("browser-{name}"))?;
    let pictures = browsers.pictures.clone();
    let pictures = pictures.unwrap_or_else(|| stage.state.join("pictures"));
    std::fs::create_dir_all(&pictures)?;
    let mut node = Node::start(&stage, browsers, name)?;
    let mut answers = Answers::new(&stage, pictures, browsers.pictures.is_some());
    let mut said = None;
    while let Some(line) = node.line()? {
        let asked: Value = serde_json::from_str(&line).with_context(|| line.clone())?;
        if let Some(text) = asked["said"].as_str() {
            said = Some(text.to_owned());
            continue;
        }
        let answer = answers
            .to(&asked)
            .unwrap_or_else(|error| serde_json::json!({ "error": format!("{error:#}") }));
        node.answer(&answer)?;
    }
    let ended = node.child.wait()?;
    ensure!(ended.success(), "it does not hold; what it said is above");
    said.context("it ended without a word")
}

/// The program in which the browsers are steered. It ends with the value.
struct Node {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Node {
    fn start(stage: &Stage, browsers: &Browsers, name: &str) -> anyhow::Result<Self> {
        let mut child = Command::new("node")
            .arg(stage.root.join("game-client/web/e2e/main.mjs"))
            .arg(name)
            .env("CHROMIUM", &browsers.chromium)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node does not start")?;
        let out = child.stdout.take().context("its output was asked for")?;
        Ok(Self {
            child,
            lines: BufReader::new(out).lines(),
        })
    }

    fn line(&mut self) -> anyhow::Result<Option<String>> {
        Ok(self.lines.next().transpose()?)
    }

    fn answer(&mut self, answer: &Value) -> anyhow::Result<()> {
        let stdin = self
            .child
            .stdin
            .as_mut()
            .context("its input was asked for")?;
        // One that has ended is seen to have ended.
        let _ = writeln!(stdin, "{answer}");
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
