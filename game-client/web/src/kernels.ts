// The rules that a recording was played with, where they are not the game's own: an archived kernel, run by the browser.

import type { Client } from "./client.js";

/** What a recording says of its rules. */
interface Played {
  simVersion: number;
  rulesHash: string;
  native: boolean;
}

/** An archived kernel, as `kernels/index.json` lists them. */
interface Kept {
  name: string;
  simVersion: number;
  rulesHash: string;
}

/** The exports of the kernel that a recording needs; undefined if the game has the rules, or nobody has them. */
export async function kernelOf(client: Client, bytes: Uint8Array): Promise<object | undefined> {
  const played = JSON.parse(client.rules_of(bytes)) as Played;
  if (played.native) {
    return undefined;
  }
  const index = (await (await fetched("/kernels/index.json")).json()) as Kept[];
  const same = ({ simVersion, rulesHash }: Kept): boolean => simVersion === played.simVersion && rulesHash === played.rulesHash;
  const kept = index.find(same);
  return kept === undefined ? undefined : startKernel(await fetched(`/kernels/${kept.name}.wasm.zlib`));
}

/** Starts a module that is compressed with zlib. */
async function startKernel(packed: Response): Promise<object> {
  if (packed.body === null) {
    throw new Error("The rules of this recording came empty. Try again.");
  }
  const module = new Response(packed.body.pipeThrough(new DecompressionStream("deflate")));
  const { instance } = await WebAssembly.instantiate(await module.arrayBuffer(), {});
  return instance.exports;
}

async function fetched(path: string): Promise<Response> {
  const answer = await fetch(path).catch(() => null);
  if (answer === null || !answer.ok) {
    throw new Error("The rules of this recording could not be fetched. Look whether you are online, and try again.");
  }
  return answer;
}
