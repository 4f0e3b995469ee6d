"use strict";

// Charts as SVG, each with a sentence for those who do not see it.

const HEIGHT = 190;
const LEFT = 56;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 20;
// Okabe and Ito's colours, which colour-blind people tell apart.
const SOURCE_COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a900", "#8a6fd1"];
const OTHERS = "var(--line)";

// Lengths have an order, and so have their colours: from violet to yellow, as light or dark as the paper asks for (at
// least 3:1).
function lengthColor(length, lengths) {
  const at = lengths.indexOf(length) / Math.max(1, lengths.length - 1);
  const lightness = `calc(var(--shortest) - ${Math.round(12 * at)}%)`;
  return `hsl(${Math.round(270 - 222 * at)} ${Math.round(48 + 22 * at)}% ${lightness})`;
}

function svg(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// An empty chart in place of what was there; `x` and `y` give the place of a value between two others.
function chart(id, summary) {
  const width = Math.max(240, $(id).clientWidth || 600);
  const root = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img" });
  root.append(svg("title", {}, summary));
  put(id, root);
  const part = (value, from, to) => (value - from) / Math.max(1e-9, to - from);
  return {
    root,
    left: LEFT,
    right: width - RIGHT,
    x: (value, from, to) => LEFT + (width - LEFT - RIGHT) * part(value, from, to),
    y: (value, from, to) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part(value, from, to),
  };
}

function axes(c, low, high, show, first, last) {
  for (const value of [low, (low + high) / 2, high]) {
    const y = c.y(value, low, high);
    c.root.append(
      svg("line", { class: "grid", x1: c.left, x2: c.right, y1: y, y2: y }),
      svg("text", { x: c.left - 6, y: y + 4, "text-anchor": "end" }, show(value)),
    );
  }
  c.root.append(
    svg("text", { x: c.left, y: HEIGHT - 4 }, first),
    svg("text", { x: c.right, y: HEIGHT - 4, "text-anchor": "end" }, last),
  );
}

// A point alone is a dot.
function curve(c, points, color, isDashed) {
  if (points.length === 1) {
    c.root.append(svg("circle", { cx: points[0][0], cy: points[0][1], r: 2.5, fill: color }));
    return;
  }
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const dashes = isDashed ? { "stroke-dasharray": "5 4" } : {};
  c.root.append(svg("path", { d, fill: "none", stroke: color, "stroke-width": 1.6, ...dashes }));
}

// Columns from step to step, each filled with the shares of groups, the first one below. One path for each group.
function stacked(c, columns, colors, from, to) {
  const paths = colors.map(() => "");
  for (const column of columns) {
    const x0 = c.x(column.from, from, to);
    const x1 = c.x(column.to, from, to);
    let below = 0;
    column.shares.forEach((share, i) => {
      if (share <= 0) return;
      const y0 = c.y(below, 0, 1);
      const y1 = c.y(Math.min(1, below + share), 0, 1);
      below += share;
      paths[i] += `M${x0.toFixed(2)} ${y0.toFixed(2)}V${y1.toFixed(2)}H${x1.toFixed(2)}V${y0.toFixed(2)}Z`;
    });
  }
  paths.forEach((d, i) => d && c.root.append(svg("path", { d, fill: colors[i] })));
}

// What colours mean: [color, text, whether the line is dashed].
function key(id, entries) {
  const all = entries.map(([color, text, isDashed]) => {
    const entry = make("li");
    const mark = make("i", undefined, isDashed ? "dash" : "");
    mark.style[isDashed ? "borderColor" : "background"] = color;
    entry.append(mark, text);
    return entry;
  });
  put(id, ...all);
}

// A mean over the steps before, each of which counts 0.85 times as much as the next one. The first values are not
// pulled to zero.
function smooth(losses) {
  const keep = 0.85;
  let mean = 0;
  let weight = 0;
  return losses.map(({ step, loss }) => {
    mean = keep * mean + (1 - keep) * loss;
    weight = keep * weight + 1 - keep;
    return { step, loss: mean / weight };
  });
}
