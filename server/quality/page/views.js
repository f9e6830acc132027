"use strict";
// The views as a mosaic: thumbnails with signs, filters, keys. What is seen is drawn; the rest waits.
const data = JSON.parse(document.getElementById("data").textContent);
const { views, findings, rules } = data;
const SIGNS = { error: "✕", warning: "▲", info: "●" };
const MARKS = { fine: "✓", redo: "↻", known: "≈" };
const WEIGHT = { error: 0, warning: 1, info: 2 };
const by = (id) => document.getElementById(id);
const memory = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* a browser may forbid it to a file */ } },
};
let language = memory.get("vitrine-language") === "en" ? "en" : "fr";
let words = data.words[language];
let marks = {};
let here = 0;

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const say = (text) => { by("said").textContent = text; };
const nameOf = (view) => `${data.documents[view.document].identifier} · f${view.number}${view.label ? ` (${view.label})` : ""}`;
const markOf = (index) => (marks[index] && marks[index].mark) || "none";
const gravest = (view) => view.findings.map((each) => findings[each].severity).sort((a, b) => WEIGHT[a] - WEIGHT[b])[0];
const meaning = (rule) => (rules[rule] ? rules[rule][language] : rule);
const familyOf = (rule) => (rules[rule] ? rules[rule].family : "");
const familyName = (family) => words.families[family] || family;
const picture = (kind, index) => {
  const block = by(`${kind}${index}`);
  return block ? `data:image/jpeg;base64,${block.textContent}` : "";
};

// ---- tiles

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    const image = entry.target.querySelector("img");
    if (image && !image.src) image.src = picture("t", image.closest(".tile").dataset.index);
    watcher.unobserve(entry.target);
  }
}, { rootMargin: "900px 0px" });

const tiles = views.map((view, index) => {
  const frame = view.thumbnail
    ? make("span", { className: "frame" }, make("img", { alt: "", decoding: "async" }))
    : make("span", { className: "frame" }, make("span", { className: "lost" }));
  const tile = make("button", { type: "button", className: "tile", tabIndex: -1 }, frame,
    make("span", { className: "name" }), make("span", { className: "signs" }), make("span", { className: "unseen" }));
  tile.dataset.index = index;
  return tile;
});

const label = (index) => {
  const view = views[index], tile = tiles[index], mark = markOf(index);
  tile.querySelector(".name").textContent = nameOf(view);
  const lost = tile.querySelector(".lost");
  if (lost) lost.textContent = `✕ ${words.no_picture}`;
  const counts = {};
  for (const each of view.findings) counts[findings[each].severity] = (counts[findings[each].severity] || 0) + 1;
  const signs = Object.keys(SIGNS).filter((each) => counts[each]).map((each) =>
    make("span", { className: `chip ${each}`, textContent: `${SIGNS[each]} ${counts[each]} ${words[each]}` }));
  if (view.change && view.change !== "same") signs.push(make("span", { className: "chip", textContent: words.changes[view.change] }));
  if (mark !== "none") signs.push(make("span", { className: "chip given", textContent: `${MARKS[mark]} ${words[mark]}` }));
  tile.querySelector(".signs").replaceChildren(...signs);
  tile.className = `tile ${mark}`;
  const heard = [...new Set(view.findings.map((each) => meaning(findings[each].rule)))];
  tile.querySelector(".unseen").textContent = heard.length ? heard.join(" ") : words.no_flag;
};

const sections = data.documents.map((document_, number) => {
  const own = views.map((view, index) => index).filter((index) => views[index].document === number);
  const grid = make("ol", { className: "grid" }, ...own.map((index) => make("li", {}, tiles[index])));
  const count = make("span");
  const head = make("h3", {}, `${document_.identifier} `, count);
  return { section: make("section", { className: "document" }, ...(data.grouped ? [head] : []), grid), own, count, document_ };
});
if (data.grouped) by("mosaic").append(...sections.map((each) => each.section));
else by("mosaic").append(make("ol", { className: "grid" }, ...tiles.map((tile) => make("li", {}, tile))));

// ---- filters

const chosen = { view: "", rule: "", severity: "", family: "", document: "", decided: "", change: "" };
const usedRules = [...new Set(findings.map((each) => each.rule))];
const filters = [
  ["view", "view_filter", () => [["flagged", words.flagged], ["sound", words.sound]]],
  ["severity", "severity", () => Object.keys(SIGNS).map((each) => [each, `${SIGNS[each]} ${words[each]}`])],
  ["rule", "rule", () => usedRules.map((each) => [each, meaning(each)]).sort((a, b) => a[1].localeCompare(b[1], language))],
  ["family", "family", () => [...new Set(usedRules.map(familyOf))].map((each) => [each, familyName(each)])],
  ["document", "document", () => data.documents.map((each, number) => [String(number), each.title ? `${each.identifier} — ${each.title}` : each.identifier])],
  ["decided", "decided", () => [["undecided", words.undecided], ["any", words.any_mark], ["fine", words.fine], ["redo", words.redo], ["known", words.known]]],
  ["change", "change", () => Object.entries(words.changes)],
].filter(([key]) => key !== "change" || views.some((view) => view.change));

const fields = document.querySelector("#filters .fields");
for (const [key, word] of filters) {
  const select = make("select", { id: `filter-${key}` });
  select.addEventListener("change", () => { chosen[key] = select.value; sift(); });
  fields.append(make("label", { htmlFor: select.id }, make("span", { className: "word" }), select));
  select.dataset.word = word;
}
const reset = make("button", { type: "button" });
reset.addEventListener("click", () => {
  for (const [key] of filters) { chosen[key] = ""; by(`filter-${key}`).value = ""; }
  sift();
  by(`filter-${filters[0][0]}`).focus();
});
fields.append(reset);

const nameFilters = () => {
  for (const [key, word, options] of filters) {
    const select = by(`filter-${key}`);
    select.previousSibling.textContent = words[word];
    const every = ["decided", "rule", "severity", "view", "family"].includes(key) ? words.all : words.all_m;
    select.replaceChildren(make("option", { value: "", textContent: every }),
      ...options().map(([value, text]) => make("option", { value, textContent: text })));
    select.value = chosen[key];
  }
  reset.textContent = words.reset;
};

const asked = (finding) => (!chosen.rule || finding.rule === chosen.rule) && (!chosen.severity || finding.severity === chosen.severity)
  && (!chosen.family || familyOf(finding.rule) === chosen.family);
const fits = (index) => {
  const view = views[index], mark = markOf(index);
  if (chosen.view === "flagged" && !view.findings.length) return false;
  if (chosen.view === "sound" && view.findings.length) return false;
  if ((chosen.rule || chosen.severity || chosen.family) && !view.findings.some((each) => asked(findings[each]))) return false;
  if (chosen.document && String(view.document) !== chosen.document) return false;
  if (chosen.change && view.change !== chosen.change) return false;
  if (chosen.decided === "undecided") return mark === "none";
  if (chosen.decided === "any") return mark !== "none";
  return !chosen.decided || mark === chosen.decided;
};
let visible = views.map((_, index) => index);

const sift = () => {
  visible = visible.filter(() => false);
  views.forEach((_, index) => {
    const fit = fits(index);
    if (tiles[index].parentNode.hidden === fit) tiles[index].parentNode.hidden = !fit;
    if (fit) visible.push(index);
  });
  const seen = new Set(visible);
  for (const { section, own } of sections) section.hidden = !own.some((index) => seen.has(index));
  for (const item of document.querySelectorAll("#general > li")) {
    const { rule, severity, document: name } = item.dataset;
    item.hidden = !asked({ rule, severity }) || Boolean(chosen.document && name && data.documents[chosen.document].identifier !== name);
  }
  by("shown").textContent = visible.length ? fill(words.shown, { shown: visible.length, all: views.length }) : words.shown_none;
  if (visible.length && !seen.has(here)) settle(visible[0], false);
};

// ---- moving

const settle = (index, focus = true) => {
  tiles[here].tabIndex = -1;
  here = index;
  tiles[here].tabIndex = 0;
  if (focus) { tiles[here].focus({ preventScroll: true }); tiles[here].scrollIntoView({ block: "nearest" }); }
};
const beside = (step) => visible[Math.min(visible.length - 1, Math.max(0, visible.indexOf(here) + step))];
const above = (step) => {
  const from = tiles[here].parentNode.getBoundingClientRect();
  let best = here, distance = Infinity, row = null;
  for (let at = visible.indexOf(here) + step; at >= 0 && at < visible.length; at += step) {
    const box = tiles[visible[at]].parentNode.getBoundingClientRect();
    if (Math.abs(box.top - from.top) < 2) continue;
    if (row !== null && Math.abs(box.top - row) > 2) break;
    row = box.top;
    if (Math.abs(box.left - from.left) < distance) { distance = Math.abs(box.left - from.left); best = visible[at]; }
  }
  return best;
};

by("mosaic").addEventListener("focusin", (event) => {
  const tile = event.target.closest(".tile");
  if (tile && Number(tile.dataset.index) !== here) settle(Number(tile.dataset.index), false);
});
by("mosaic").addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (tile) openZoom(Number(tile.dataset.index));
});
by("mosaic").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !event.target.closest(".tile")) return;
  const moves = { ArrowLeft: () => beside(-1), ArrowRight: () => beside(1), ArrowUp: () => above(-1), ArrowDown: () => above(1),
    Home: () => visible[0], End: () => visible[visible.length - 1] };
  if (moves[event.key]) { event.preventDefault(); settle(moves[event.key]()); return; }
  if (markKey(event.key, here)) event.preventDefault();
});
