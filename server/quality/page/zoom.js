// A view, enlarged: its picture, what was found on it, and the partner's mark.
const KEYS = { 1: "fine", 2: "redo", 3: "known", 0: "none" };
const zoom = by("zoom"), stage = by("stage"), shown = by("picture");
const earlierStage = by("earlier-stage"), earlier = by("earlier");
let scale = 1;
let comparing = true;
let looked = 0;

const store = () => {
  memory.set(`vitrine-review:${data.digest}`, JSON.stringify(Object.fromEntries(Object.entries(marks).map(([index, each]) =>
    [`${data.documents[views[index].document].identifier}\n${views[index].number}`, each]))));
};
const setMark = (index, mark, comment) => {
  const before = marks[index] || { mark: "none", comment: "" };
  const next = { mark: mark === undefined ? before.mark : mark, comment: comment === undefined ? before.comment : comment };
  if (next.mark === "none" && !next.comment.trim()) delete marks[index];
  else marks[index] = next;
  unsaved = true;
  store();
  label(index);
  count();
  if (mark !== undefined) say(fill(mark === "none" ? words.unmarked : words.marked, { view: nameOf(views[index]), mark: words[mark] }));
};
const markKey = (key, index) => {
  if (!by("shortcuts").checked || !(key in KEYS)) return false;
  setMark(index, KEYS[key]);
  return true;
};
const count = () => {
  const counts = { fine: 0, redo: 0, known: 0 };
  for (const each of Object.values(marks)) if (each.mark in counts) counts[each.mark] += 1;
  const text = fill(words.tally, { ...counts, left: views.length - counts.fine - counts.redo - counts.known });
  by("tally").textContent = text;
  by("conclude-tally").textContent = text;
};

const enlarge = (to, x = 0.5, y = 0.5) => {
  scale = Math.min(6, Math.max(1, to));
  for (const [place, image] of [[stage, shown], [earlierStage, earlier]]) {
    place.classList.toggle("close-up", scale > 1);
    image.style.width = scale > 1 ? `${scale * 100}%` : "";
    if (scale > 1) {
      place.scrollLeft = place.scrollWidth * x - place.clientWidth / 2;
      place.scrollTop = place.scrollHeight * y - place.clientHeight / 2;
    }
  }
};
// both pictures show the same place
const follow = (from, to) => {
  const across = from.scrollWidth - from.clientWidth, down = from.scrollHeight - from.clientHeight;
  const left = across > 0 ? Math.round((from.scrollLeft / across) * (to.scrollWidth - to.clientWidth)) : 0;
  const top = down > 0 ? Math.round((from.scrollTop / down) * (to.scrollHeight - to.clientHeight)) : 0;
  if (Math.abs(to.scrollLeft - left) > 1) to.scrollLeft = left;
  if (Math.abs(to.scrollTop - top) > 1) to.scrollTop = top;
};
const leads = (place) => place.matches(":hover, :focus");
for (const [one, other] of [[stage, earlierStage], [earlierStage, stage]]) {
  one.addEventListener("scroll", () => { if (scale > 1 && !other.hidden && (leads(one) || !leads(other))) follow(one, other); });
}
const before = () => {
  const source = picture("p", here);
  by("compare").hidden = !source;
  by("compare").setAttribute("aria-pressed", String(comparing));
  earlierStage.hidden = !source || !comparing;
  by("now").hidden = earlierStage.hidden;
  zoom.classList.toggle("two", !earlierStage.hidden);
  if (source) { earlier.src = source; earlier.alt = `${words.before}${words.colon}${nameOf(views[here])}`; } else { earlier.removeAttribute("src"); earlier.alt = ""; }
};

// which view it is stands above
const ofThisView = (message) => {
  const said = message.replace(/^(?:vue|view) f\d+\s?: /, "");
  return said.charAt(0).toUpperCase() + said.slice(1);
};
const finding = (each) => {
  const { rule, severity, message } = findings[each];
  return make("li", {}, make("span", { className: `chip ${severity}`, textContent: `${SIGNS[severity]} ${words[severity]}` }), ` ${meaning(rule)}`,
    make("p", { className: "detail", textContent: ofThisView(message[language]) }));
};

const draw = () => {
  looked = here;
  const view = views[here], at = visible.indexOf(here);
  const source = picture("z", here) || picture("t", here);
  shown.hidden = !source;
  by("no-picture").hidden = Boolean(source);
  if (source) shown.src = source; else shown.removeAttribute("src");
  shown.alt = `${nameOf(view)}. ${view.findings.length ? [...new Set(view.findings.map((each) => meaning(findings[each].rule)))].join(" ") : words.no_finding}`;
  before();
  enlarge(1);
  by("zoom-title").textContent = nameOf(view);
  const title = data.documents[view.document].title;
  by("zoom-facts").replaceChildren(...(title ? [title, make("br")] : []), `${words.file}${words.colon}`, make("code", { textContent: view.path }),
    ...(view.width ? [make("br"), fill(words.reduced, view), ...(view.dpi ? [` · ${fill(words.dpi, view)}`] : [])] : []));
  by("zoom-change").textContent = view.change ? words.changes[view.change] : "";
  by("zoom-findings").replaceChildren(...(view.findings.length ? view.findings.map(finding) : [make("li", { textContent: words.no_finding })]));
  by("place").textContent = `${at + 1} / ${visible.length}`;
  by("comment").value = (marks[here] && marks[here].comment) || "";
  for (const radio of zoom.querySelectorAll("[name=mark]")) radio.checked = radio.value === markOf(here);
  zoom.querySelector("[data-do=previous]").disabled = at <= 0;
  zoom.querySelector("[data-do=next]").disabled = at >= visible.length - 1;
  zoom.querySelector(".side").scrollTop = 0;
};
const go = (index) => {
  if (index === undefined || index === here) return;
  settle(index, false);
  draw();
  say(shown.alt);
  // a button that was just switched off must not keep the focus: the keys would go nowhere
  if (document.activeElement === document.body || document.activeElement.disabled) stage.focus();
};
const openZoom = (index) => {
  settle(index, false);
  draw();
  zoom.showModal();
  stage.focus();
};
const flagged = () => visible.slice(visible.indexOf(here) + 1).find((index) => gravest(views[index]))
  ?? visible.find((index) => gravest(views[index]));
const acts = {
  previous: () => go(beside(-1)), next: () => go(beside(1)), flagged: () => go(flagged()), close: () => zoom.close(),
  compare: () => { if (by("compare").hidden) return; comparing = !comparing; before(); enlarge(1); },
  closer: () => enlarge(scale * 1.6), farther: () => enlarge(scale / 1.6), fit: () => enlarge(1),
};

zoom.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) acts[button.dataset.do]();
});
for (const image of [shown, earlier]) {
  image.addEventListener("click", (event) => {
    if (scale > 1) { enlarge(1); return; }
    const box = image.getBoundingClientRect();
    enlarge(2.6, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
}
zoom.addEventListener("change", (event) => { if (event.target.name === "mark") setMark(here, event.target.value); });
by("comment").addEventListener("input", () => setMark(here, undefined, by("comment").value));
zoom.addEventListener("keydown", (event) => {
  const writing = event.target.id === "comment";
  if (event.ctrlKey || event.altKey || event.metaKey || writing || event.target.type === "radio" && event.key.startsWith("Arrow")) return;
  const scrolls = event.target.classList.contains("stage") && scale > 1;
  const keys = { ArrowLeft: scrolls || acts.previous, ArrowRight: scrolls || acts.next, "+": acts.closer, "=": acts.closer, "-": acts.farther };
  if (by("shortcuts").checked) Object.assign(keys, { n: acts.flagged, b: acts.compare, c: () => by("comment").focus(), "?": () => by("help").showModal() });
  if (typeof keys[event.key] === "function") { event.preventDefault(); keys[event.key](); return; }
  if (markKey(event.key, here)) { event.preventDefault(); draw(); }
});
// the browser gives the focus back to the tile that opened this; it belongs to the one that was looked at last
zoom.addEventListener("close", () => { sift(); if (visible.length) settle(visible.includes(looked) ? looked : visible[0]); });
