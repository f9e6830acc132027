// The share control: links copied at a press, and links to the part of the view that is on the screen.
// Without this file the panel opens all the same, with the links to the whole view.

(() => {
  "use strict";

  // A citation says on which day its reader consulted the document: on theirs, be it another one than at the server, or
  // later than the page was opened.
  function date() {
    const cited = document.getElementById("cited-day");
    if (!cited) return;
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    if (cited.dataset.day === day) return;
    const { lang } = document.documentElement;
    const shown = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "long", year: "numeric" });
    const first = lang === "fr" && now.getDate() === 1;
    cited.textContent = shown.formatToParts(now).map(({ type, value }) => (first && type === "day" ? "1er" : value)).join("");
    cited.dataset.day = day;
  }
  date();
  window.addEventListener("pageshow", date);

  const share = document.getElementById("share");
  const reader = document.getElementById("reader");
  if (!share || !reader) return;
  const said = document.getElementById("share-said");
  share.classList.add("live");
  let region = "";

  // Content State API 1.0, section 6: encodeURIComponent, then base64url without padding.
  const encode = (state) =>
    btoa(encodeURIComponent(state)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  function target() {
    const { manifest, canvas } = document.getElementById("share-panel").dataset;
    const id = region ? `${canvas}#xywh=${region}` : canvas;
    return JSON.stringify({ id, type: "Canvas", partOf: [{ id: manifest, type: "Manifest" }] });
  }

  const wanted = () => {
    const { link } = document.getElementById("share-panel").dataset;
    return region ? `${link}#xywh=${region}` : link;
  };

  function write() {
    const panel = document.getElementById("share-panel");
    const { base, viewer } = panel.dataset;
    const state = encode(target());
    panel.querySelector('[data-row="detail"]').hidden = !region;
    document.getElementById("share-hint").hidden = Boolean(region);
    document.getElementById("share-detail").value = wanted();
    panel.querySelector(".share-send").hidden = !navigator.share;
    document.getElementById("share-state").value = `${base}/?iiif-content=${state}`;
    document.getElementById("share-mirador").value = `${base}${viewer}?iiif-content=${state}`;
    document.getElementById("share-open").href = `${viewer}?iiif-content=${state}`;
  }

  reader.addEventListener("look", (event) => {
    region = event.detail.region;
    write();
  });

  async function copy(button) {
    date();
    const field = document.getElementById(button.dataset.copy);
    if (field.select) {
      field.focus();
      field.select();
    } else {
      getSelection().selectAllChildren(field);
    }
    let done = false;
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent);
      done = true;
    } catch {
      done = document.execCommand?.("copy") ?? false; // where the page came over plain http
    }
    said.textContent = ""; // the same words twice are heard twice
    requestAnimationFrame(() => {
      said.textContent = done ? share.dataset.copied : share.dataset.failed;
    });
    if (!done) return;
    button.focus();
    const label = button.textContent;
    if (label === share.dataset.copied) return;
    button.textContent = share.dataset.copied;
    button.classList.add("done");
    setTimeout(() => {
      button.textContent = label;
      button.classList.remove("done");
    }, 2000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(button);
    else if (event.target.id === "share-send") navigator.share({ title: document.title, url: wanted() }).catch(() => {});
    else if (event.target.matches(".share input")) event.target.select();
  });
  share.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !share.open) return;
    share.open = false;
    share.querySelector("summary").focus();
  });

  // Section 3.4: what is dropped is the content state, plain; a viewer that reads addresses finds the manifest in the link.
  share.addEventListener("dragstart", (event) => {
    if (event.target.closest("#share-drag")) event.dataTransfer.setData("text/plain", target());
  });
})();
