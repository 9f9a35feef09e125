// Prints the result of the scripted session as wasm computes it: node run.mjs MODULE SEED STEPS
import { readFile } from "node:fs/promises";

const [file, seed, steps] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(file));
const result = BigInt.asUintN(64, instance.exports.session(BigInt(seed), BigInt(steps)));
console.log(result.toString(16).padStart(16, "0"));
