// The reader of an item: zoom by OpenSeadragon, and the next view without loading the page again.
// Without this file the page shows the view as an image, and its links lead from view to view.

(() => {
  "use strict";
  const reader = document.getElementById("reader");
  const stage = document.getElementById("stage");
  const tools = document.getElementById("tools");
  if (!reader || !window.OpenSeadragon) return;

  // OpenSeadragon adds a style of its own, which our security policy forbids, unless it finds an element of that name.
  // One that is not HTML is found as well, and styles nothing.
  const found = document.createElementNS(null, "style");
  found.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.append(found);

  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const plain = document.getElementById("plain");
  tools.hidden = false; // before the stage is measured: the tools take their room beside it
  const viewer = window.OpenSeadragon({
    element: stage,
    tileSources: reader.dataset.info,
    showNavigationControl: false,
    animationTime: still ? 0 : 0.7,
    blendTime: still ? 0 : 0.15,
    visibilityRatio: 0.6,
    minZoomImageRatio: 0.85,
    maxZoomPixelRatio: 2,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
  });
  const canvas = stage.querySelector(".openseadragon-canvas");
  describe(plain.querySelector("img").alt);
  plain.hidden = true;

  // An image that cannot be opened leaves the plain picture in its place, with a word of why.
  window.OpenSeadragon.setString("Errors.OpenFailed", reader.dataset.failed);
  viewer.addHandler("open-failed", () => {
    plain.hidden = false;
    tools.hidden = true;
    document.getElementById("reader-said").textContent = reader.dataset.failed;
  });

  function describe(text) {
    if (!canvas) return;
    // It takes the arrow keys and the signs for zooming, so it is no mere picture to a screen reader.
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", reader.dataset.role);
    canvas.setAttribute("aria-label", text);
    canvas.setAttribute("aria-describedby", "stage-keys");
  }

  // The other page of a bound document, beside this one: the page that the address names keeps the coordinates.
  let isSpread = false;

  // What is open, in words: one view or, where two lie side by side, both.
  function name() {
    const isPair = isSpread && Boolean(reader.dataset.facing);
    for (const words of document.querySelectorAll("#view-label [data-of]")) words.hidden = (words.dataset.of === "both") !== isPair;
    describe(isPair ? reader.dataset.both : plain.querySelector("img").alt);
  }

  // A screen reader is told in one sentence where the reader has come to.
  function say() {
    const view = document.querySelector("#view-label [data-of]:not([hidden])").textContent.trim();
    const label = document.getElementById("passage-label")?.textContent;
    const told = label ? (chosen ? [label, view] : [view, label]) : [view];
    document.getElementById("reader-said").textContent = told.join(", ");
  }

  function sources() {
    const { info, facing, ratio, side } = reader.dataset;
    if (!isSpread || !facing) return info;
    return [{ tileSource: info, x: 0, y: 0, width: 1 }, { tileSource: facing, success: beside(Number(ratio), side) }];
  }

  function beside(ratio, side) {
    return ({ item }) => {
      const here = viewer.world.getItemAt(0);
      if (!here || item === here) return;
      const { height } = here.getBounds();
      item.setHeight(height, true);
      item.setPosition(new window.OpenSeadragon.Point(side === "right" ? 1 : -height * ratio, 0), true);
      mark(item, reader.dataset.beside);
      if (!aimed.region) viewer.viewport.goHome(true);
    };
  }

  function press(name, on) {
    tools.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", String(on));
  }

  const actions = {
    ink: () => press("ink", stage.classList.toggle("strong")),
    spread: () => {
      isSpread = !isSpread;
      press("spread", isSpread);
      name();
      say();
      viewer.open(sources());
    },
    in: () => viewer.viewport.zoomBy(1.5),
    out: () => viewer.viewport.zoomBy(1 / 1.5),
    fit: () => viewer.viewport.goHome(),
    turn: () => viewer.viewport.setRotation(viewer.viewport.getRotation() + 90),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : reader.requestFullscreen()),
  };
  // OpenSeadragon goes on with an arrow for ten pictures after the key: on a slow machine, past what asks for the whole view.
  let goesHome = false;
  viewer.addHandler("animation-finish", () => {
    if (goesHome) viewer.viewport.goHome();
    goesHome = false;
  });
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    touched = true;
    actions[button.dataset.do]();
    goesHome = button.dataset.do === "fit";
    viewer.viewport.applyConstraints();
  });
  press("ink", false);
  press("spread", false);
  if (!document.fullscreenEnabled) tools.querySelector('[data-do="full"]').hidden = true;

  // What of the view is on the screen, in pixels of the image: `x,y,w,h`, empty where all of it is.
  let aimed = { region: "", bounds: "" };

  function asked() {
    const fragment = location.hash.replaceAll("%2C", ",").replaceAll("%2c", ",");
    return /^#xywh=(?:pixel:)?(\d+(?:\.\d+)?(?:,\d+(?:\.\d+)?){3})$/.exec(fragment)?.[1] ?? "";
  }

  function seen() {
    const image = viewer.world.getItemAt(0);
    if (!image) return "";
    const bounds = viewer.viewport.getBounds();
    if (aimed.region && bounds.toString() === aimed.bounds) return aimed.region;
    const { x: width, y: height } = image.getContentSize();
    const box = image.viewportToImageRectangle(bounds.getBoundingBox());
    const left = Math.max(0, Math.floor(box.x));
    const top = Math.max(0, Math.floor(box.y));
    const right = Math.min(width, Math.ceil(box.x + box.width));
    const bottom = Math.min(height, Math.ceil(box.y + box.height));
    if (right <= left || bottom <= top) return "";
    const whole = right - left >= 0.98 * width && bottom - top >= 0.98 * height;
    return whole ? "" : [left, top, right - left, bottom - top].join();
  }

  // How many pixels of the window one of the image has at most. What a search found is read among the words around it:
  // its letters are as high as those of a page, and no larger than they were scanned.
  function nearest(height) {
    if (!new URLSearchParams(location.search).has("q")) return 2;
    return Math.min(1, Math.min(20, stage.clientWidth / 28) / height);
  }

  // At the edge of a page the stage shows more of the page, and nothing beside it.
  function fill() {
    if (viewer.viewport.getRotation() % 360) return;
    const page = viewer.world.getHomeBounds();
    const bounds = viewer.viewport.getBounds();
    const within = (from, length, start, whole) =>
      length > whole ? start + (whole - length) / 2 : Math.min(Math.max(from, start), start + whole - length);
    bounds.x = within(bounds.x, bounds.width, page.x, page.width);
    bounds.y = within(bounds.y, bounds.height, page.y, page.height);
    viewer.viewport.fitBounds(bounds, true);
  }

  // A link to a detail: the detail fills the stage, with a line around it. From passage to passage the eye is led along.
  const frame = document.createElement("div");
  frame.className = "detail";

  function aim(isLed = false) {
    viewer.removeOverlay(frame);
    aimed = { region: "", bounds: "" };
    const region = asked();
    const image = viewer.world.getItemAt(0);
    if (!image || !region) return;
    const size = image.getContentSize();
    const [x, y, width, height] = region.split(",").map(Number);
    if (!width || !height || x >= size.x || y >= size.y) return;
    const place = image.imageToViewportRectangle(x, y, Math.min(width, size.x - x), Math.min(height, size.y - y));
    viewer.addOverlay({ element: frame, location: place });
    const before = viewer.viewport.getBounds(true);
    viewer.viewport.fitBounds(place, true);
    const closest = Math.max(viewer.viewport.getHomeZoom(), image.imageToViewportZoom(nearest(height)));
    if (viewer.viewport.getZoom(true) > closest) viewer.viewport.zoomTo(closest, null, true);
    fill();
    if (isLed && !still) {
      const there = viewer.viewport.getBounds();
      viewer.viewport.fitBounds(before, true);
      viewer.viewport.fitBounds(there, false);
    }
    aimed = { region, bounds: viewer.viewport.getBounds().toString() };
  }

  // What a search found on a view.
  function mark(image, boxes) {
    for (const box of image && boxes ? boxes.split(";") : []) {
      const element = document.createElement("div");
      element.className = "hit";
      viewer.addOverlay({ element, location: image.imageToViewportRectangle(...box.split(",").map(Number)) });
    }
  }

  function tell() {
    reader.dispatchEvent(new CustomEvent("look", { detail: { region: seen() } }));
    clearTimeout(later);
    if (touched) later = setTimeout(note, 250);
  }

  // The address says what is on the screen, once the reader has moved it; going back still leads to the view before.
  let touched = false;
  let later = 0;

  function note() {
    if (location.hash && !location.hash.startsWith("#xywh=")) return;
    const region = seen();
    const address = location.pathname + location.search + (region ? `#xywh=${region}` : "");
    if (address !== location.pathname + location.search + location.hash) history.replaceState(null, "", address);
  }
  for (const move of ["canvas-drag", "canvas-scroll", "canvas-pinch", "canvas-key", "canvas-double-click"]) {
    viewer.addHandler(move, (event) => {
      touched = true;
      goesHome = move === "canvas-key" && event.originalEvent.key === "0";
      // f turns the page over as in a mirror, which no reader asks for
      if (move === "canvas-key" && event.originalEvent.key === "f") event.preventDefaultAction = true;
    });
  }

  // The passages that a search found: those of this view are known here, the one before and the one behind by their address.
  // `chosen` counts those of this view from 1; 0 where none is read.
  const passages = document.getElementById("passages");
  let chosen = 0;

  const regions = () => (passages.dataset.count === "0" ? [] : passages.dataset.regions.split(";"));
  const step = (by) => passages.querySelector(`[data-step="${by}"]`);

  function passagePath(number) {
    const region = regions()[number - 1];
    return `${passages.dataset.view}&passage=${number}${region ? `#xywh=${region}` : ""}`;
  }

  // A way that ends stays where it is, with the focus if it has it.
  function lead(by, address) {
    const link = step(by);
    if (address) {
      link.setAttribute("href", address);
      for (const each of ["role", "aria-disabled", "tabindex"]) link.removeAttribute(each);
    } else {
      for (const [each, value] of [["role", "link"], ["aria-disabled", "true"], ["tabindex", "-1"]]) link.setAttribute(each, value);
      link.removeAttribute("href");
    }
  }

  function choose(number) {
    const { back, onward, one, none, before } = passages.dataset;
    chosen = number;
    const count = (Number(before) + number).toLocaleString(document.documentElement.lang);
    document.getElementById("passage-label").textContent = number ? one.replace("%", count) : none;
    const address = number ? passagePath(number) : "";
    for (const link of document.querySelectorAll(".hits a")) {
      if (link.getAttribute("href") === address) {
        link.setAttribute("aria-current", "true");
        // the list alone is moved, and only where it hides what is read
        const list = link.closest(".hits");
        const top = link.offsetTop - list.offsetTop;
        const isSeen = top >= list.scrollTop && top + link.offsetHeight <= list.scrollTop + list.clientHeight;
        if (!isSeen) list.scrollTop = top - (list.clientHeight - link.offsetHeight) / 2;
      } else {
        link.removeAttribute("aria-current");
      }
    }
    lead(-1, number > 1 ? passagePath(number - 1) : back);
    lead(1, number < regions().length ? passagePath(number + 1) : onward);
  }

  // The passage that the address names: by its number, or by its place as a link of another page does.
  function settle() {
    if (!passages) return;
    const number = Number(new URLSearchParams(location.search).get("passage"));
    const region = asked();
    choose(number >= 1 && number <= regions().length ? number : region ? regions().indexOf(region) + 1 : 0);
  }

  // To another passage: on this view without leaving it, else to its view.
  function go(by) {
    const number = chosen || by > 0 ? chosen + by : 0;
    if (number >= 1 && number <= regions().length) land(number, false);
    else if (step(by).href) open(step(by).href, true);
  }

  function land(number, remember) {
    touched = false;
    clearTimeout(later);
    history[remember ? "pushState" : "replaceState"](null, "", passagePath(number));
    shown = location.pathname;
    choose(number);
    say();
    if (asked()) aim(true);
    else viewer.viewport.goHome(still);
    tell();
    fetchOnward();
  }

  // Which passage of this view a link leads to, 0 where it is none.
  function numberOf(link) {
    if (!passages || link.pathname !== location.pathname) return 0;
    const number = Number(new URLSearchParams(link.search).get("passage"));
    return number <= regions().length ? number : 0;
  }

  viewer.addHandler("open", () => {
    aim();
    mark(viewer.world.getItemAt(0), reader.dataset.boxes);
    tell();
  });
  for (const change of ["zoom", "pan", "rotate", "resize", "animation-finish"]) viewer.addHandler(change, tell);
  window.addEventListener("hashchange", () => {
    if (!location.hash || asked()) settle();
    if (!asked()) return;
    touched = false;
    aim();
    tell();
  });

  const replaced = ["view-nav", "share-panel", "view-words", "view-text", "permalink-link", "view-files"];
  const relations = ["canonical", "prev", "next", "alternate"].map((rel) => `link[rel="${rel}"]`).join();
  let latest = 0;
  let shown = location.pathname;
  let returning = false;

  const ready = new Map();

  async function load(address) {
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    return response.text();
  }

  function pageOf(address) {
    const plain = address.split("#")[0];
    const known = ready.get(plain) ?? load(plain);
    ready.delete(plain);
    return known;
  }

  // The next page, as soon as the reader shows that they read: a hand or the focus on the reader.
  function fetchNext() {
    const link = document.querySelector('#view-nav a[rel="next"]');
    if (link) fetchAhead(far(link) ?? link.href);
  }

  // The view of the next passage, for who goes from passage to passage and has come to the last of this one.
  function fetchOnward() {
    if (chosen === regions().length && passages.dataset.onward) fetchAhead(passages.dataset.onward);
  }

  function fetchAhead(path) {
    const address = new URL(path, location).href.split("#")[0];
    if (navigator.connection?.saveData || ready.has(address)) return;
    if (ready.size > 1) ready.delete(ready.keys().next().value); // the next view, and that of the next passage
    const coming = load(address);
    coming.then((text) => {
      const info = new DOMParser().parseFromString(text, "text/html").getElementById("reader")?.dataset.info;
      if (info) fetch(info).catch(() => {});
    }, () => ready.delete(address));
    ready.set(address, coming);
  }
  for (const sign of ["pointerenter", "pointerdown", "focusin"]) reader.addEventListener(sign, fetchNext);

  async function open(address, remember) {
    const turn = ++latest;
    returning = !remember;
    try {
      const next = new DOMParser().parseFromString(await pageOf(address), "text/html");
      if (turn !== latest) return;
      touched = false;
      clearTimeout(later);
      if (remember) history.pushState(null, "", address);
      show(next);
      shown = location.pathname;
    } catch {
      if (turn === latest) location.assign(address);
    }
  }

  // The strip alone is moved: the page stays where its reader has it.
  function centre(strip, link, behavior) {
    strip.scrollTo({ left: link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2, behavior });
  }

  function show(next) {
    const focused = document.activeElement?.closest("#view-nav a")?.rel;
    const label = document.getElementById("view-label");
    for (const id of replaced) {
      const here = document.getElementById(id);
      const there = next.getElementById(id);
      if (!here || !there) continue;
      if (id === "view-nav") {
        label.innerHTML = next.getElementById("view-label").innerHTML;
        here.firstElementChild.replaceWith(there.firstElementChild);
        here.lastElementChild.replaceWith(there.lastElementChild);
      } else {
        here.replaceWith(there);
      }
    }
    document.title = next.title;
    for (const link of document.head.querySelectorAll(relations)) link.remove();
    document.head.append(...next.head.querySelectorAll(relations));
    for (const link of document.querySelectorAll(".languages a")) {
      const other = next.querySelector(`.languages a[hreflang="${link.hreflang}"]`);
      if (other) link.setAttribute("href", other.getAttribute("href"));
    }
    // What was found stays, with the focus in it; another search begins from the view that is open.
    for (const selector of ["#within form", "#turn-to"]) {
      const there = next.querySelector(selector);
      if (there) document.querySelector(selector)?.setAttribute("action", there.getAttribute("action"));
    }
    const following = next.getElementById("reader");
    for (const key of ["info", "facing", "ratio", "side", "toward", "both", "boxes", "beside"]) {
      if (following.dataset[key]) reader.dataset[key] = following.dataset[key];
      else delete reader.dataset[key];
    }
    const way = next.getElementById("passages");
    if (passages && way) {
      for (const key of Object.keys(passages.dataset)) delete passages.dataset[key];
      Object.assign(passages.dataset, way.dataset);
      settle();
    }
    const picture = next.getElementById("plain");
    plain.href = picture.href;
    plain.replaceChildren(...picture.childNodes);
    name();
    say();
    plain.hidden = true;
    tools.hidden = false;
    viewer.open(sources());
    const strip = document.getElementById("strip");
    const there = next.getElementById("strip");
    const current = next.querySelector("#strip a[aria-current]")?.getAttribute("href");
    if (strip && there && current && !strip.querySelector(`a[href="${CSS.escape(current)}"]`)) strip.replaceChildren(...there.childNodes);
    for (const link of document.querySelectorAll("#strip a[data-view]")) {
      if (link.getAttribute("href") === current) {
        link.setAttribute("aria-current", "page");
        centre(strip, link, still ? "auto" : "smooth");
      } else {
        link.removeAttribute("aria-current");
      }
    }
    // who turns pages by keys, or goes from passage to passage, goes on to do so
    if (chosen) fetchOnward();
    else if (document.activeElement?.closest("#reader")) fetchNext();
    if (focused) (document.querySelector(`#view-nav a[rel="${focused}"]`) ?? document.querySelector("#view-nav a"))?.focus();
  }

  // With two pages open, the next ones are two further, unless this page lies alone.
  function far(link) {
    const isOpen = isSpread && reader.dataset.toward === link.rel;
    return isOpen && link.dataset.far ? new URL(link.dataset.far, location).href : null;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view], #passages a[href]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (link.dataset.step) {
      go(Number(link.dataset.step));
      return;
    }
    if (numberOf(link)) land(numberOf(link), true);
    else open(far(link) ?? link.href, true);
    if (link.closest(".contents, .hits")) reader.scrollIntoView({ behavior: still ? "auto" : "smooth" });
  });
  window.addEventListener("popstate", () => {
    // A link within the page, such as the one past the navigation, is no other view.
    if (location.pathname !== shown) open(location.href, false);
    else {
      if (returning) latest += 1; // forward again before the view behind was there
      settle();
    }
  });

  function turn(rel) {
    const link = document.querySelector(`#view-nav a[rel="${rel}"]`);
    if (link) open(far(link) ?? link.href, true);
    return Boolean(link);
  }

  // Page up and page down turn pages while the reader has the focus.
  reader.addEventListener("keydown", (event) => {
    const rel = { PageUp: "prev", PageDown: "next" }[event.key];
    if (rel && turn(rel)) event.preventDefault();
    const by = { n: 1, p: -1 }[event.key];
    if (by && passages && event.target === canvas && !event.ctrlKey && !event.metaKey && !event.altKey) go(by);
  });

  // A finger on a view that is seen whole moves the page up and down, and turns pages from side to side; once the view is
  // larger it moves the view.
  // A view that is not there yet is whole.
  const isWhole = () => !viewer.world.getItemCount() || viewer.viewport.getZoom(true) < 1.02 * viewer.viewport.getHomeZoom();
  let swiped = null;

  const leave = () => stage.classList.toggle("whole", isWhole());
  for (const change of ["open", "zoom", "resize", "animation-finish"]) viewer.addHandler(change, leave);
  viewer.addHandler("canvas-press", (event) => {
    swiped = event.pointerType === "touch" && isWhole() ? event.position : null;
  });
  viewer.addHandler("canvas-pinch", () => (swiped = null));
  for (const drag of ["canvas-drag", "canvas-drag-end"]) {
    viewer.addHandler(drag, (event) => {
      if (swiped) event.preventDefaultAction = true;
    });
  }
  viewer.addHandler("canvas-release", (event) => {
    if (!swiped) return;
    const x = event.position.x - swiped.x;
    const y = event.position.y - swiped.y;
    swiped = null;
    if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) turn(x < 0 === !reader.dataset.leftward ? "next" : "prev");
  });

  settle();

  const strip = document.getElementById("strip");
  const marked = strip?.querySelector("a[aria-current]");
  if (marked) centre(strip, marked, "auto");
})();
