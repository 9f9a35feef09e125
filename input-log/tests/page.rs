//! The tables of limits in `docs/FORMAT.md` have the numbers of the code.

use input_log::limits;
use input_log::{HashDetail, Kind};

const PAGE: &str = include_str!("../../docs/FORMAT.md");

#[test]
fn the_page_has_the_limits_of_the_code() {
    let bytes = |bytes: usize| match bytes {
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes if bytes >= 1 << 10 => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    };
    assert_eq!(limits::ROOM_BYTES_MAX, limits::BUILD_ID_BYTES_MAX);
    for (what, most) in [
        (
            "build id, room code",
            format!("{} each", bytes(limits::ROOM_BYTES_MAX)),
        ),
        ("payload", bytes(limits::PAYLOAD_BYTES_MAX)),
        (
            "steps of a frames block",
            limits::BLOCK_STEPS_MAX.to_string(),
        ),
        ("world of a keyframe", bytes(limits::KEYFRAME_BYTES_MAX)),
        ("row of a step", bytes(limits::ROW_BYTES_MAX)),
        (
            "commands of a step that is not whole",
            limits::COMMANDS_MAX.to_string(),
        ),
        (
            "players known to the frames' codec, players of an evidence block",
            limits::PLAYERS_MAX.to_string(),
        ),
        (
            "entries of a list of one player's evidence",
            limits::EVIDENCE_LIST_MAX.to_string(),
        ),
    ] {
        let row = format!("\n| {what} | {most} |\n");
        assert!(PAGE.contains(&row), "docs/FORMAT.md lacks {row}");
    }
}

#[test]
fn the_page_has_the_kinds_and_the_bits_of_the_code() {
    for kind in Kind::ALL {
        let row = format!("\n| {} | {} |", kind.code(), kind.name());
        assert!(PAGE.contains(&row), "docs/FORMAT.md lacks {row}");
    }
    let whole = HashDetail::EveryStep.bits();
    let few = HashDetail::Check.bits();
    let row = format!("the lowest {whole} or {few} bits of the hash");
    assert!(PAGE.contains(&row), "docs/FORMAT.md lacks {row}");
    assert_eq!(few, 4, "the page and the comments say four bits");
}
