// Reads manifests and collections with @iiif/parser, as programs built on it do: upgrades 2.1, normalises, writes again.
//
// On standard input a list of documents; on standard output, for each, the document as it was written again, how many
// resources of each type were kept, and everything that was said on the way.

import { normalize, serialize, serializeConfigPresentation3 } from "@iiif/parser";
import { presentation3StrictUpgrade } from "@iiif/parser/strict";
import { upgrade } from "@iiif/parser/upgrader";

const said = [];
for (const level of ["debug", "info", "log", "warn", "error"]) {
  console[level] = (...words) => said.push(words.map(String).join(" "));
}

function read(document) {
  said.length = 0;
  const third = document["@id"] ? upgrade(structuredClone(document)) : document;
  const state = { warnings: [] };
  if (third.type === "Manifest") presentation3StrictUpgrade(structuredClone(third), state);
  const { entities, mapping, resource } = normalize(structuredClone(third));
  const written = serialize({ entities, mapping, requests: {} }, resource, serializeConfigPresentation3);
  // canvases of ranges are kept among the ranges as well
  const count = ([type, found]) => [type, Object.values(found).filter((each) => each.type === type).length];
  const kept = Object.fromEntries(Object.entries(entities).map(count));
  return { written, kept, said: [...said, ...state.warnings] };
}

function tryToRead(document) {
  try {
    return read(document);
  } catch (error) {
    return { written: null, kept: {}, said: [...said, String(error.stack)] };
  }
}

const given = [];
for await (const piece of process.stdin) given.push(piece);
process.stdout.write(JSON.stringify(JSON.parse(Buffer.concat(given).toString("utf8")).map(tryToRead)));
