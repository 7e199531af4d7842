// Builds the browser bundles. Takes the sources of the player, the kiosk pages and the server pages; gives one
// ES module for each entry in the static/bundle folders, which are not committed. The pages of a seat without installation
// are the kiosk's own with another back end behind them.
import {existsSync, mkdirSync, readdirSync, rmSync} from "node:fs";
import {basename, dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const player = "task_bank/player/player.js";
const playerStyle = "task_bank/player/player.css";
const kiosk = "kiosk_client/static";
const server = "testing_server/foundation/web/static";

const plainSeat = join(kiosk, "bundle/plain_seat.js");
// the one place where the two back ends differ: what agent.js imports
const inBrowser = {name: "back end in the browser", setup(building) {
  const path = resolve(root, kiosk, "src/browser_seat/back_end.js");
  building.onResolve({filter: /^\.\/back_end\.js$/}, () => ({path}));
}};

// "player" in any page means the one player of the task bank
const alias = existsSync(resolve(root, player)) ? {player: resolve(root, player)} : {};

function listEntries() {
  const entries = [];
  for (const base of [kiosk, server]) {
    entries.push([player, join(base, "bundle/player.js")], [playerStyle, join(base, "bundle/player.css")]);
  }
  entries.push([join(kiosk, "src/main.js"), join(kiosk, "bundle/kiosk.js")]);
  entries.push([join(kiosk, "src/main.js"), plainSeat]);
  entries.push([join(kiosk, "src/browser_seat/recorder_worklet.js"), join(kiosk, "bundle/recorder_worklet.js")]);
  const sources = resolve(root, server, "src");
  for (const name of existsSync(sources) ? readdirSync(sources) : []) {
    if (name.endsWith(".js") && !name.startsWith("_")) {
      entries.push([join(server, "src", name), join(server, "bundle", basename(name))]);
    }
  }
  // a part that is not installed here has no pages to build
  return entries.filter(([source]) => existsSync(resolve(root, source)));
}

async function buildEntry([source, target]) {
  mkdirSync(resolve(root, dirname(target)), {recursive: true});
  await build({
    absWorkingDir: root, entryPoints: [source], outfile: target, bundle: true, minify: true, sourcemap: "linked",
    format: "esm", target: "chrome109", alias, charset: "utf8", legalComments: "eof", logLevel: "warning",
    external: ["*.woff", "*.woff2", "*.png", "*.svg"], plugins: target === plainSeat ? [inBrowser] : [],
  });
}

// what an entry left behind that is no longer there; done last, so that pages being served stay whole
function removeStale(entries) {
  const made = new Set(entries.map(([, target]) => target));
  for (const folder of [kiosk, server].map((base) => join(base, "bundle"))) {
    const present = existsSync(resolve(root, folder)) ? readdirSync(resolve(root, folder)) : [];
    for (const name of present.filter((one) => !made.has(join(folder, one.replace(/\.map$/, ""))))) {
      rmSync(resolve(root, folder, name));
    }
  }
}

const entries = listEntries();
const results = await Promise.allSettled(entries.map(buildEntry));
const failed = entries.filter((_, number) => results[number].status === "rejected");
removeStale(entries);
console.log(`built ${entries.length - failed.length} of ${entries.length} bundles`);
for (const [source] of failed) console.error(`not built: ${source}`);
process.exitCode = failed.length ? 1 : 0;
