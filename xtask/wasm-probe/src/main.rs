//! Prints the result of the scripted session, as the native side of the comparison: `wasm-probe SEED STEPS`.

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>());
    let (Some(Ok(seed)), Some(Ok(steps)), None) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        eprintln!("usage: wasm-probe SEED STEPS");
        std::process::exit(2);
    };
    println!("{:016x}", wasm_probe::session(seed, steps));
}
