"use strict";

// Numbers as text, and text as elements. Everything from the sampler goes in as text, never as markup: names of runs
// and sources are other people's.

const $ = id => document.getElementById(id);
const sum = values => values.reduce((a, b) => a + b, 0);
const count = n => n.toLocaleString("en");
const percent = share => (100 * share).toFixed(share < 0.0995 ? 1 : 0) + " %";

// The largest unit of which there is at least one; each unit has its size and its decimals.
function scaled(n, units) {
  const [unit, size, decimals] = units.find(([, size]) => n >= size) || units.at(-1);
  return (n / size).toFixed(decimals) + unit;
}
const short = n =>
  n < 10_000
    ? count(n)
    : scaled(n, [
        [" G", 1e9, 2],
        [" M", 1e6, 1],
        [" k", 1e3, 1],
      ]);
const bytes = n =>
  scaled(n, [
    [" GB", 1e9, 2],
    [" MB", 1e6, 1],
    [" kB", 1e3, 0],
  ]);
const time = millis =>
  scaled(millis, [
    [" h", 3_600_000, 1],
    [" min", 60_000, 1],
    [" s", 1000, 1],
    [" ms", 1, 0],
  ]);

function make(tag, text, style) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (style) element.className = style;
  return element;
}

function put(id, ...children) {
  $(id).replaceChildren(...children);
}

// The first cell of each row is its head; cells are texts, elements, or whole `td`.
function table(id, caption, heads, rows) {
  const head = make("tr");
  for (const text of heads) {
    const cell = make("th", text);
    cell.scope = "col";
    head.append(cell);
  }
  const top = make("thead");
  top.append(head);
  const body = make("tbody");
  for (const [name, ...cells] of rows) {
    const row = make("tr");
    const title = make("th", name);
    title.scope = "row";
    title.title = name;
    row.append(title);
    for (const cell of cells) {
      if (cell instanceof HTMLTableCellElement) row.append(cell);
      else row.append(make("td"));
      if (!(cell instanceof HTMLTableCellElement)) row.lastChild.append(cell);
    }
    body.append(row);
  }
  put(id, make("caption", caption, "hidden"), top, body);
}

function facts(id, pairs) {
  const all = pairs.map(([title, value]) => {
    const pair = make("div");
    pair.append(make("dt", title), make("dd", value));
    return pair;
  });
  put(id, ...all);
}
