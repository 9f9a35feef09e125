//! W1 under criterion: the parts of a step, and a whole rerun.
#![allow(
    missing_docs,
    reason = "criterion's macros make functions without documentation"
)]

use std::hint::black_box;

use benches::w1::{Workload, workload};
use benches::{rerun, snapshots};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use input_log::HashDetail;
use protocol::{Encoding, View, decode_server, encode_server};
use sim_core::World;

/// Ten seconds of W1 after its first minute.
const FROM: usize = 3_600;
const STEPS: usize = 600;

fn middle(w1: &Workload) -> World {
    let mut world = w1.start.clone();
    for frame in &w1.frames[..FROM] {
        world.step(frame);
    }
    world
}

fn kernel(criterion: &mut Criterion) {
    let w1 = workload(7, (FROM + STEPS) as u64);
    let world = middle(&w1);
    let mut group = criterion.benchmark_group("kernel");
    group.throughput(Throughput::Elements(STEPS as u64));
    let play = |with_hash: bool| {
        let mut world = world.clone();
        for frame in &w1.frames[FROM..] {
            world.step(frame);
            if with_hash {
                black_box(world.hash());
            }
        }
        world
    };
    group.bench_function("step", |bencher| bencher.iter(|| play(false)));
    group.bench_function("step and hash", |bencher| bencher.iter(|| play(true)));
    group.finish();

    let bytes = world.encode();
    criterion.bench_function("encode", |bencher| bencher.iter(|| world.encode()));
    criterion.bench_function("decode", |bencher| bencher.iter(|| World::decode(&bytes)));
}

fn log(criterion: &mut Criterion) {
    let w1 = workload(7, STEPS as u64);
    let bytes = rerun::record(&w1, HashDetail::Check);
    let mut group = criterion.benchmark_group("log");
    group.throughput(Throughput::Elements(STEPS as u64));
    group.bench_function("rerun", |bencher| bencher.iter(|| rerun::rerun(&bytes)));
    group.finish();
}

fn replication(criterion: &mut Criterion) {
    let w1 = workload(7, (FROM + STEPS) as u64);
    let views = snapshots::views(&w1);
    let (base, now) = (views.len() - 3, views.len() - 1);
    let message = snapshots::message(&views, now, Some(base));
    let bytes = encode_server(&message, Encoding::Binary, Some(&views[base]));
    let mut group = criterion.benchmark_group("delta");
    group.bench_function("diff", |bencher| {
        bencher.iter(|| View::diff(Some(&views[base]), &views[now]))
    });
    group.bench_function("encode", |bencher| {
        bencher.iter(|| encode_server(&message, Encoding::Binary, Some(&views[base])));
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decode_server(&bytes, Encoding::Binary, |_| Some(&views[base])));
    });
    group.finish();
}

criterion_group!(w1, kernel, log, replication);
criterion_main!(w1);
