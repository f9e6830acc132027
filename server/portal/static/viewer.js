// Mirador, opened on the documents that the address asks for, else on our own collection to choose from.

(() => {
  "use strict";
  const place = document.getElementById("mirador");
  if (!place || !window.Mirador) return;
  const { language, collection } = place.dataset;
  const windows = JSON.parse(place.dataset.windows).map(({ document: manifestId, canvas, region }) => ({
    manifestId,
    ...(canvas && { canvasId: canvas }),
    // Bounds, not a zoom: the whole region is seen, whatever the shape of the window.
    ...(region && { initialViewerConfig: { bounds: region.split(",").map(Number) } }),
  }));
  window.Mirador.viewer({
    id: "mirador",
    language,
    availableLanguages: { fr: "Français", en: "English" },
    catalog: [{ manifestId: collection }],
    windows,
    window: {
      defaultSideBarPanel: "info",
      sideBarOpenByDefault: false,
      panels: { info: true, attribution: true, canvas: true, annotations: true, search: true, layers: false },
    },
    thumbnailNavigation: { defaultPosition: "far-bottom" },
    workspace: { isWorkspaceAddVisible: !windows.length },
    workspaceControlPanel: { enabled: true },
    theme: { typography: { fontFamily: "Inter, Helvetica Neue, Arial, sans-serif" } },
    themes: {
      light: { palette: { mode: "light", primary: { main: "#96291c" }, secondary: { main: "#96291c" } } },
      dark: { palette: { mode: "dark", primary: { main: "#e99380" }, secondary: { main: "#e99380" } } },
    },
    selectedTheme: window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
  });
})();
