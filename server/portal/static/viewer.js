// Mirador, opened on the documents that the address asks for, else on our own collection to choose from.

(() => {
  "use strict";
  // What Mirador 4.0 says in English alone.
  const french = {
    close: "Fermer",
    collection: "Collection",
    iiif_related: "Liens",
    layer_moveToBackground: "Mettre le calque à l’arrière-plan",
    layer_moveToFront: "Mettre le calque au premier plan",
    multipartCollection: "Document en plusieurs parties",
    searchResultsRemaining: "encore {{numLeft}}",
    viewWorkspaceConfiguration: "Voir la configuration de l’espace de travail",
  };
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
    translations: { fr: french },
    catalog: [{ manifestId: collection }],
    windows,
    window: {
      panels: { info: true, attribution: true, canvas: true, annotations: true, search: true, layers: false },
    },
    thumbnailNavigation: { defaultPosition: "far-bottom" },
    workspace: { isWorkspaceAddVisible: !windows.length, showZoomControls: true },
    workspaceControlPanel: { enabled: true },
    theme: { typography: { fontFamily: "Inter, Helvetica Neue, Arial, sans-serif" } },
    themes: {
      light: { palette: { mode: "light", primary: { main: "#96291c" }, secondary: { main: "#96291c" } } },
      dark: { palette: { mode: "dark", primary: { main: "#e99380" }, secondary: { main: "#e99380" } } },
    },
    selectedTheme: window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
  });
})();
