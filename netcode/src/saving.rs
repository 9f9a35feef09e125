//! Changes to characters on their way to the room: sent while a connection plays, kept until one does.

use protocol::ClientCommand;

use crate::client::Client;
use crate::time::Micros;

impl Client {
    pub(crate) fn change_character(&mut self, now: Micros, command: ClientCommand) {
        if self.session.is_playing() {
            let seq = self
                .session
                .command(now, command.clone(), &mut self.outputs);
            self.characters.asked(seq, command);
        } else {
            self.characters.wait(command);
        }
    }

    /// Sends the changes to characters that waited for a connection.
    pub(crate) fn send_characters(&mut self, now: Micros) {
        for command in self.characters.waited() {
            self.change_character(now, command);
        }
    }
}
