// What a reader chooses of the looks: background and contrast, kept in this browser alone and sent to nobody.
// Without this file the page follows the device.

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
  const close = () => (panel.open = false);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel.open) return;
    close();
    panel.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (panel.open && !panel.contains(event.target)) close();
  });
})();
