// Plays one scene in real browsers, against a server that the program behind it starts and stops.

import { close, say } from "./driver.mjs";
import { closeAll } from "./player.mjs";

const SCENES = ["combat", "comes-back", "hidden", "line", "hashes", "clerk", "viewer", "identity", "dead-ends", "loading", "layout", "keyboard", "budgets"];

const name = process.argv[2];
if (!SCENES.includes(name)) {
  console.error(`there are ${SCENES.join(", ")}`);
  process.exit(2);
}
const { scene } = await import(`./${name}.mjs`);
try {
  say(await scene());
} catch (error) {
  console.error(error.stack);
  process.exitCode = 1;
  await closeAll();
}
close();
