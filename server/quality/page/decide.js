// The partner's decision, written to a file that is bound to the delivery and to its views; the supplier's table; the language.
let unsaved = false;

const download = (name, type, body) => {
  const link = make("a", { href: URL.createObjectURL(new Blob([body], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};

const decisions = () => ({
  schema: "vitrine-decisions/1",
  delivery: { name: data.name, identifier: data.identifier, digest: `sha256:${data.digest}` },
  institution: data.institution,
  by: by("by").value.trim(),
  decision: document.querySelector("[name=decision]:checked").value,
  reason: by("reason").value.trim(),
  views: Object.entries(marks).map(([index, { mark, comment }]) => {
    const view = views[index];
    return { item: data.documents[view.document].identifier, view: view.number, path: view.path,
      digest: view.digest ? `sha256:${view.digest}` : "", mark, comment: comment.trim() };
  }),
});

const faults = () => {
  const decided = document.querySelector("[name=decision]:checked");
  const needsReason = decided && (decided.value === "refused" || !data.passed);
  const found = [["by", !by("by").value.trim() && words.need_name], ["decision", !decided && words.need_decision],
    ["reason", needsReason && !by("reason").value.trim() && words.need_reason]];
  for (const [name, fault] of found) {
    by(`${name}-fault`).textContent = fault || "";
    if (by(name)) by(name).setAttribute("aria-invalid", String(Boolean(fault)));
  }
  return found.find(([, fault]) => fault);
};

by("conclude").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const fault = faults();
  if (fault) {
    (by(fault[0]) || document.querySelector("[name=decision]")).focus();
    return;
  }
  download("decisions.json", "application/json", JSON.stringify(decisions(), null, 2));
  unsaved = false;
  by("saved").textContent = words.saved;
});

const take = (said) => {
  if (said === null || typeof said !== "object" || said.schema !== "vitrine-decisions/1" || !Array.isArray(said.views)) throw new TypeError("no decisions");
  if (!said.delivery || said.delivery.digest !== `sha256:${data.digest}`) { by("saved").textContent = words.other_delivery; return; }
  const places = new Map(views.map((view, index) => [`${data.documents[view.document].identifier}\n${view.number}`, index]));
  let taken = 0;
  for (const each of said.views) {
    const index = places.get(`${each.item}\n${each.view}`);
    if (index === undefined) continue;
    setMark(index, each.mark in MARKS ? each.mark : "none", String(each.comment || ""));
    taken += 1;
  }
  by("by").value = String(said.by || "");
  by("reason").value = String(said.reason || "");
  for (const radio of document.querySelectorAll("[name=decision]")) radio.checked = radio.value === said.decision;
  by("saved").textContent = fill(words.continued, { count: taken });
};
by("continue").addEventListener("change", async () => {
  try {
    take(JSON.parse(await by("continue").files[0].text()));
  } catch {
    by("saved").textContent = words.not_decisions;
  }
  by("continue").value = "";
});

// what a spreadsheet would take for a formula is shown as text
const cell = (value) => {
  const text = String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&");
  return /[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const table = () => {
  const rows = [[words.document, words.view, words.file, words.severity, words.family, words.rule, words.finding, words.details, words.decided, words.comment]];
  const row = (name, number, path, each, mark) => rows.push([name, number ? `f${number}` : "", path, each ? words[each.severity] : "",
    each ? familyName(familyOf(each.rule)) : "", each ? each.rule : "", each ? meaning(each.rule) : "", each ? each.message[language] : "",
    mark && mark.mark !== "none" ? words[mark.mark] : "", mark ? mark.comment : ""]);
  for (const each of data.general) row(findings[each].item, "", findings[each].path, findings[each]);
  views.forEach((view, index) => {
    const name = data.documents[view.document].identifier;
    for (const each of view.findings) row(name, view.number, view.path, findings[each], marks[index]);
    if (!view.findings.length && marks[index]) row(name, view.number, view.path, null, marks[index]);
  });
  return `\ufeff${rows.map((cells) => cells.map(cell).join(";")).join("\r\n")}\r\n`;
};
by("csv").addEventListener("click", () => download(`${data.name}.csv`, "text/csv;charset=utf-8", table()));

for (const name of ["help", "conclude"]) {
  by(`${name}-open`).addEventListener("click", () => by(name).showModal());
  for (const button of by(name).querySelectorAll("[data-close]")) button.addEventListener("click", () => by(name).close());
}
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "?" && !typing && by("shortcuts").checked && !document.querySelector("dialog[open]")) by("help").showModal();
});
by("shortcuts").checked = memory.get("vitrine-shortcuts") !== "off";
by("shortcuts").addEventListener("change", () => memory.set("vitrine-shortcuts", by("shortcuts").checked ? "on" : "off"));
addEventListener("beforeunload", (event) => { if (unsaved && Object.keys(marks).length) event.preventDefault(); });

const speak = (chosen_) => {
  language = chosen_;
  words = data.words[language];
  memory.set("vitrine-language", language);
  document.documentElement.lang = language;
  document.title = `${words.title} : ${data.name}`;
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words[element.dataset.label]);
    if (element.tagName === "BUTTON") element.title = words[element.dataset.label];
  }
  for (const { count: counted, own, document_ } of sections) {
    counted.textContent = `${document_.title ? `${document_.title} · ` : ""}${own.length} ${words.views}`;
  }
  nameFilters();
  views.forEach((_, index) => label(index));
  sift();
  count();
  if (zoom.open) draw();
};
for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => speak(button.dataset.language));

const kept = JSON.parse(memory.get(`vitrine-review:${data.digest}`) || "{}");
views.forEach((view, index) => {
  const each = kept[`${data.documents[view.document].identifier}\n${view.number}`];
  if (each) marks[index] = each;
});
if (views.length) tiles[0].tabIndex = 0;
speak(language);
for (const tile of tiles) watcher.observe(tile.parentNode);
document.documentElement.dataset.ready = "";
