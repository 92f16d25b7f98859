// Draws each chart from the JSON beside it, and again when the page turns from light to dark or back.
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
      Plotly.react(place, data, layout, { responsive: true, displaylogo: false, scrollZoom: false });
    }
  };

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
