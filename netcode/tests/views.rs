//! What the authority shows is known as it was shown.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Input, Micros};
use protocol::Encoding;
use sim_core::Buttons;
use table::{ME, NEAR, SERVER_EPOCH, Table};

#[test]
fn what_is_confirmed_is_the_own_player_of_the_newest_view() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    assert_eq!(table.client.confirmed(), None);
    assert_eq!(table.client.view_time(), None);
    table.give(Input::Buttons(Buttons::RIGHT));
    table.idle(1_000);
    for _ in 0..20 {
        table.idle(50);
        let confirmed = table.client.confirmed().unwrap();
        let view = table.client.view().unwrap();
        assert_eq!(confirmed.pos, view.players[&ME].pos);
        let now = Micros(SERVER_EPOCH + table.now);
        let age = now.since(table.client.view_time().unwrap());
        assert!((Micros(20_000)..=Micros(122_000)).contains(&age), "{age:?}");
        assert!(confirmed.pos.x < table.client.predicted().unwrap().pos.x);
    }
}
