// The same as the program, for its module: node run.mjs MODULE digest FILE... | recorded SEED LINE...
import { readFile } from "node:fs/promises";

const [file, command, ...more] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(file));
const { memory, reserve, digest, recorded } = instance.exports;

function give(bytes) {
  const at = reserve(bytes.length) >>> 0;
  new Uint8Array(memory.buffer).set(bytes, at);
}

function tell(hash) {
  console.log(hash === 0n ? "it does not hold" : BigInt.asUintN(64, hash).toString(16).padStart(16, "0"));
}

if (command === "digest") {
  for (const recording of more) {
    give(await readFile(recording));
    tell(digest());
  }
} else {
  const [seed, ...lines] = more;
  for (const line of lines) {
    give(new TextEncoder().encode(line));
    tell(recorded(BigInt(seed)));
  }
}
