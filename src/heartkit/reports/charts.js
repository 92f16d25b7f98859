// Draws each chart from the JSON beside it, and again when the page turns from light to dark, back, or to paper.
(() => {
  "use strict";
  const hasWebGL = Boolean(document.createElement("canvas").getContext("webgl"));

  // Plotly knows no CSS variables: put in what they stand for now. Packed numbers are left as they are.
  const themed = (value, style) => {
    if (typeof value === "string") {
      return value.startsWith("var(") ? style.getPropertyValue(value.slice(4, -1)).trim() : value;
    }
    if (Array.isArray(value)) return value.map((one) => themed(one, style));
    if (value === null || typeof value !== "object" || "bdata" in value) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, themed(one, style)]));
  };

  // Plotly offers more buttons, some of which send or copy links.
  const buttons = [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]];

  const charts = [...document.querySelectorAll(".chart")].map((place) => {
    const source = place.querySelector("script");
    const figure = JSON.parse(source.textContent);
    source.remove();
    if (!hasWebGL) {
      for (const trace of figure.data) if (trace.type === "scattergl") trace.type = "scatter";
    }
    return { place, figure };
  });

  const draw = () => {
    const style = getComputedStyle(document.documentElement);
    for (const { place, figure } of charts) {
      const { data, layout } = themed(figure, style);
      Plotly.react(place, data, layout, { responsive: true, displaylogo: false, modeBarButtons: buttons });
    }
  };

  draw();
  // On paper the page is light, whatever the screen is.
  for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", draw);
})();
