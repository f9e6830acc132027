// What a reader chooses of the looks: background and contrast, kept in this browser alone and sent to nobody.
// Without this file the page follows the device. What is opened over the page is closed here too.

(() => {
  "use strict";
  const root = document.documentElement;
  const names = ["theme", "contrast"];
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem("display")) ?? {};
  } catch {
    kept = {}; // closed to us, or not ours: the device decides
  }

  function apply() {
    for (const name of names) {
      if (kept[name]) root.dataset[name] = kept[name];
      else delete root.dataset[name];
    }
  }
  apply();

  // What is laid over the page goes away by the Escape key, and when something else is pressed or has the focus.
  for (const each of document.querySelectorAll("[data-closes]")) {
    each.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !each.open) return;
      each.open = false;
      each.querySelector("summary").focus();
    });
    for (const sign of ["click", "focusin"]) {
      document.addEventListener(sign, (event) => {
        if (each.open && !each.contains(event.target)) each.open = false;
      });
    }
  }

  const panel = document.getElementById("display");
  if (!panel) return;
  panel.hidden = false;
  for (const input of panel.querySelectorAll("input")) input.checked = input.value === (kept[input.name] ?? "");
  panel.addEventListener("change", (event) => {
    kept[event.target.name] = event.target.value;
    apply();
    try {
      localStorage.setItem("display", JSON.stringify(kept));
    } catch {
      // it lasts for this page
    }
  });
})();
