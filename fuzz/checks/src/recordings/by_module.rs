//! A recording read and rerun through everything that stands between a host and a module.

use analysis::analyse;
use input_log::{Native, Recording, Rerun, Verified};
use kernel::{Archived, InProcess, Translate as _};

/// Whatever the bytes are, a module of these rules comes to what these rules come to: blocks, losses, entries, hashes, where they
/// part, and the fields of the last world.
pub(super) fn comes_to_the_same(native: &Recording<'_>, bytes: &[u8]) {
    let kernel = Archived::start(InProcess::of(Native)).expect("it is a kernel");
    let module = Recording::open_with(kernel.clone(), bytes).expect("it opens natively");
    assert_eq!(native.blocks(), module.blocks());
    assert_eq!(native.lost(), module.lost());
    assert_eq!(native.last_step(), module.last_step());
    let (mut one, mut other) = (Rerun::of(native), Rerun::of(&module));
    loop {
        match (one.next(), other.next()) {
            (None, None) => break,
            (Some(Err(one)), Some(Err(other))) => assert_eq!(one, other),
            (Some(Ok(Verified::Evidence(one))), Some(Ok(Verified::Evidence(other)))) => {
                assert_eq!(*one, kernel.evidence(other));
            }
            (
                Some(Ok(Verified::Step { step, frame, hash })),
                Some(Ok(Verified::Step {
                    step: at,
                    frame: other,
                    hash: of,
                })),
            ) => {
                assert_eq!((step, hash), (at, of));
                assert_eq!(*frame, kernel.frame(other));
            }
            (Some(Ok(one)), Some(Ok(other))) => {
                let what = |debug: String| debug.chars().take(12).collect::<String>();
                assert_eq!(what(format!("{one:?}")), what(format!("{other:?}")));
            }
            (one, other) => panic!("{one:?} natively, {other:?} by the module"),
        }
    }
    assert_eq!(kernel.failure(), None);
    if let (Some(one), Some(other)) = (one.world(), other.world()) {
        assert_eq!(kernel.moment(other), Native.moment(one));
    }
}

/// Whatever the evidence says, what happened to players can be told, in order, and a module of these rules tells the same.
pub(super) fn is_explained_the_same(native: &Recording<'_>, bytes: &[u8]) {
    let kernel = Archived::start(InProcess::of(Native)).expect("it is a kernel");
    let module = Recording::open_with(kernel.clone(), bytes).expect("it opens natively");
    match (
        analyse(&Native, native, &[]),
        analyse(&kernel, &module, &[]),
    ) {
        (Err(one), Err(other)) => assert_eq!(one, other),
        (Ok(one), Ok(other)) => {
            assert_eq!(one.stalls, other.stalls);
            assert!(one.players.keys().eq(other.players.keys()));
            for (told, other) in one.players.values().zip(other.players.values()) {
                assert!(told.moments.is_sorted_by_key(|moment| moment.step));
                assert_eq!(told.moments, other.moments);
                assert_eq!(told.held, other.held);
            }
        }
        (one, other) => panic!("{:?} natively, {:?} by the module", one.err(), other.err()),
    }
}
