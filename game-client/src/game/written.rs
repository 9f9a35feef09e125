//! What the window itself writes where there is no page around it.

use netcode::Micros;

use super::Game;
use crate::hud::{Connection, Reading};
use crate::socket::Dial;
use crate::text::{Anchor, Text};

/// Lines of the list of players.
const PLAYERS_SHOWN: usize = 12;

impl<D: Dial> Game<D> {
    /// Names, numbers and sentences.
    pub fn written(&mut self, now: Micros) -> Vec<Text> {
        let reading = self.read(now);
        let names = self.labels().iter().filter_map(|label| {
            let known = reading
                .players
                .iter()
                .find(|one| one.id == label.player.0)?;
            Some(Text {
                text: known.name.clone(),
                at: label.at,
                anchor: Anchor::Foot,
            })
        });
        let mut written: Vec<Text> = names.collect();
        written.push(Text {
            text: block(&reading, self.said.newest(now)),
            at: (12.0, 10.0),
            anchor: Anchor::Corner,
        });
        written
    }
}

fn block(reading: &Reading, sentence: Option<&str>) -> String {
    let mut lines = Vec::new();
    lines.push(match reading.connection {
        Connection::Playing => format!(
            "{} ms   {} frames/s   {} corrections/min   buffer {} of {}",
            reading.ping.unwrap_or(0),
            reading.fps,
            reading.corrections,
            reading.buffer,
            reading.buffer_target
        ),
        Connection::Connecting => "connecting".to_owned(),
        Connection::Over => "the connection is over".to_owned(),
    });
    let health = reading.health.unwrap_or(0);
    lines.push(match reading.respawn {
        Some(wait) => format!("shot down, back in {} s", wait.div_ceil(1_000)),
        None => format!("health {health}   builds {}", reading.building),
    });
    lines.extend(sentence.map(str::to_owned));
    lines.push(String::new());
    for player in reading.players.iter().take(PLAYERS_SHOWN) {
        lines.push(format!("{:>3}  {}", player.score, player.name));
    }
    for line in &reading.feed {
        lines.push(format!("{} shot {} down", line.by, line.whom));
    }
    lines.join("\n")
}
