"use strict";

// The panels of one run. `detail` is what the sampler tells of the run that is shown, `other` of the one beside it.

// Of steps: each has a column where there are few; otherwise a column has enough of them for shares to mean something.
const MAX_COLUMNS = 120;
const MIN_STEPS_OF_COLUMN = 8;
const POOL_ROWS = 25;

// @param id of the chart; those of its note and key begin with it
function drawCurriculum(id, run, detail, lengths) {
  const steps = detail.lengths.length;
  const first = detail.firstStep;
  const end = first + steps;
  const isServed = run.servedStep >= first && run.servedStep < end;
  $(id + "Note").textContent = steps
    ? `Of steps ${count(first)} to ${count(end - 1)}, as they are planned, the share that has each length` +
      (isServed ? "; what is right of the line comes next." : ".")
    : "Nothing is planned yet.";
  if (!steps) {
    put(id);
    put(id + "Key");
    return;
  }
  const shares = of => lengths.map(length => of.filter(l => l === length).length / of.length);
  const entries = shares(detail.lengths).map((share, i) => `${count(lengths[i])}: ${percent(share)}`);
  const c = chart(id, "Of these steps, by length: " + entries.join(", "));
  axes(c, 0, 1, percent, "step " + count(first), count(end - 1));
  const each = steps <= MAX_COLUMNS ? 1 : Math.max(MIN_STEPS_OF_COLUMN, Math.ceil(steps / MAX_COLUMNS));
  const columns = [];
  for (let i = 0; i < steps; i += each) {
    const part = detail.lengths.slice(i, i + each);
    columns.push({ from: i, to: i + part.length, shares: shares(part) });
  }
  const colors = lengths.map(length => lengthColor(length, lengths));
  stacked(c, columns, colors, 0, steps);
  if (isServed) {
    const x = c.x(run.servedStep + 1 - first, 0, steps);
    c.root.append(svg("line", { class: "now", x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM }));
  }
  const weights = detail.mixture.lengths;
  key(
    id + "Key",
    entries.map((text, i) => [colors[i], text + (lengths[i] in weights ? `, weight ${weights[lengths[i]]}` : "")]),
  );
}

// Losses of a run by length, the shortest first.
function lossesOf(detail) {
  return Object.entries(detail ? detail.losses : {})
    .map(([length, losses]) => ({ run: detail.name, length: Number(length), losses }))
    .filter(({ losses }) => losses.length)
    .sort((a, b) => a.length - b.length);
}

function drawLosses(now, detail, other, lengths) {
  const isRaw = $("raw").checked;
  const series = [...lossesOf(detail), ...lossesOf(other)].map(of => ({
    ...of,
    isOther: of.run !== detail.name,
    values: isRaw ? of.losses : smooth(of.losses),
  }));
  $("lossesNote").textContent = series.length
    ? `As trainers told this replica since ${new Date(now.startedMillis).toLocaleString()}, ` +
      `${isRaw ? "every step that is kept" : "smoothed"}. Where a training goes back, what it had told of later steps is taken away.`
    : "No trainer has told this replica a loss of this run: dyadic train does, and client.report_loss in Python.";
  if (!series.length) {
    put("losses");
    put("lossesKey");
    return;
  }
  const values = series.flatMap(of => of.values);
  const steps = values.map(value => value.step);
  const losses = values.map(value => value.loss);
  const first = Math.min(...steps);
  const last = Math.max(...steps, first + 1);
  const low = Math.min(...losses);
  const high = Math.max(...losses, low + 0.01);
  const entries = series.map(of => [
    lengthColor(of.length, lengths),
    `${count(of.length)}${of.isOther ? " of " + of.run : ""}: ${of.values.at(-1).loss.toFixed(3)}`,
    of.isOther,
  ]);
  const c = chart(
    "losses",
    `Newest losses by length${isRaw ? "" : ", smoothed"}: ` + entries.map(entry => entry[1]).join(", "),
  );
  axes(c, low, high, value => value.toFixed(2), "step " + count(first), count(last));
  for (const of of series) {
    const points = of.values.map(({ step, loss }) => [c.x(step, first, last), c.y(loss, low, high)]);
    curve(c, points, lengthColor(of.length, lengths), of.isOther);
  }
  key("lossesKey", entries);
}

// What a run deals, of all its cycles that are shown: share by source, of all sources that are there.
function dealtShares(detail) {
  const tokens = new Map(detail.pools.map(pool => [pool.source, 0]));
  for (const cycle of detail.mixture.dealt) {
    for (const [source, dealt] of Object.entries(cycle.tokens)) {
      tokens.set(source, (tokens.get(source) || 0) + dealt);
    }
  }
  const all = sum([...tokens.values()]) || 1;
  return new Map([...tokens].map(([source, dealt]) => [source, dealt / all]));
}

// The share that the weights in force give to each source that is there, or that has a weight.
function askedShares(detail, dealt) {
  const { sources, otherSources } = detail.mixture;
  if (!Object.keys(sources).length) return new Map();
  const names = new Set([...dealt.keys(), ...Object.keys(sources)]);
  const weights = [...names].map(name => [name, Object.hasOwn(sources, name) ? sources[name] : otherSources]);
  const all = sum(weights.map(([, weight]) => weight)) || 1;
  return new Map(weights.map(([name, weight]) => [name, weight / all]));
}

function meter(share) {
  const whole = make("span", undefined, "meter");
  const part = make("i");
  part.style.width = 100 * share + "%";
  whole.append(part);
  return whole;
}

function drawMixture(detail, other) {
  const cycles = detail.mixture.dealt;
  const dealt = dealtShares(detail);
  const asked = askedShares(detail, dealt);
  const beside = other ? dealtShares(other) : new Map();
  const names = [...new Set([...dealt.keys(), ...asked.keys(), ...beside.keys()])];
  const of = (shares, name) => shares.get(name) || 0;
  names.sort((a, b) => of(dealt, b) - of(dealt, a) || (a < b ? -1 : 1));
  $("mixtureNote").textContent =
    (asked.size
      ? "Asked for: the weights in force, over the sources that are there."
      : "No weights of sources are in force: each gives in proportion to what it has.") +
    (cycles.length
      ? ` Dealt: cycles ${count(cycles[0].cycle)} to ${count(cycles.at(-1).cycle)}.`
      : " Nothing is dealt yet.");
  table(
    "mixture",
    "Mixture by source",
    ["source", "asked for", "dealt", "", ...(other ? ["dealt by " + other.name] : [])],
    names.map(name => [
      name,
      asked.has(name) ? percent(asked.get(name)) : "–",
      percent(of(dealt, name)),
      meter(of(dealt, name)),
      ...(other ? [percent(of(beside, name))] : []),
    ]),
  );
  drawCycles(cycles, names);
}

// The sources that give most have a colour of their own.
function drawCycles(cycles, names) {
  if (!cycles.length) {
    put("cycles");
    put("cyclesKey");
    return;
  }
  const most = names.slice(0, SOURCE_COLORS.length);
  const others = names.length - most.length;
  const colors = [...SOURCE_COLORS.slice(0, most.length), ...(others ? [OTHERS] : [])];
  const from = cycles[0].firstStep;
  const to = cycles.at(-1).endStep;
  const columns = cycles.map(cycle => {
    const all = sum(Object.values(cycle.tokens)) || 1;
    const shares = most.map(name => (cycle.tokens[name] || 0) / all);
    return { from: cycle.firstStep, to: cycle.endStep, shares: others ? [...shares, 1 - sum(shares)] : shares };
  });
  const newest = most.map((name, i) => `${name} ${percent(columns.at(-1).shares[i])}`).join(", ");
  const c = chart("cycles", `Shares of sources over ${count(cycles.length)} cycles; in the newest: ${newest}`);
  axes(c, 0, 1, percent, "step " + count(from), count(to - 1));
  stacked(c, columns, colors, from, to);
  key(
    "cyclesKey",
    colors.map((color, i) => [color, i < most.length ? most[i] : `${count(others)} others`]),
  );
}

function poolCell(pool, state, most) {
  const cell = make("td", pool ? `${short(pool[state])} / ${short(pool.admitted)}` : "–");
  if (pool) {
    const strength = 0.06 + (0.34 * Math.log1p(pool.admitted)) / Math.log1p(most);
    cell.style.background = `rgba(var(--cell), ${strength.toFixed(3)})`;
    cell.title = ["admitted", "dealt", "pending", "shed"].map(state => `${count(pool[state])} ${state}`).join(", ");
  }
  return cell;
}

// A row for each source: the largest ones, or those with the text that is looked for.
function drawPools(run, detail, lengths) {
  const state = run.kind === "live" ? "pending" : "dealt";
  const sources = new Map();
  for (const pool of detail.pools) {
    const source = sources.get(pool.source) || { admitted: 0, dealt: 0, pending: 0, shed: 0, pools: new Map() };
    for (const state of ["admitted", "dealt", "pending", "shed"]) source[state] += pool[state];
    source.pools.set(pool.length, pool);
    sources.set(pool.source, source);
  }
  const wanted = $("filter").value.toLowerCase();
  const found = [...sources]
    .filter(([name]) => name.toLowerCase().includes(wanted))
    .sort(([, a], [, b]) => b.admitted - a.admitted);
  const shown = found.slice(0, POOL_ROWS);
  const used = lengths.filter(length => detail.pools.some(pool => pool.length === length));
  const most = Math.max(1, ...detail.pools.map(pool => pool.admitted));
  $("poolsNote").textContent =
    `${count(sources.size)} ${sources.size === 1 ? "source" : "sources"}` +
    (found.length > shown.length ? `; the ${POOL_ROWS} largest are shown, the others by their names` : "") +
    (detail.poolsLeftOut ? `; ${count(detail.poolsLeftOut)} small pools are left out` : "") +
    (state === "pending"
      ? ". A cell has the rows that wait, of those that were admitted: "
      : ". A cell has the rows that a pass deals, of those that were admitted: ") +
    "the darker it is, the more are these.";
  table(
    "pools",
    "Rows of pools by source and length",
    ["source", ...used.map(count), "admitted", "dealt", "waits", "shed"],
    shown.map(([name, source]) => [
      name,
      ...used.map(length => poolCell(source.pools.get(length), state, most)),
      short(source.admitted),
      short(source.dealt),
      short(source.pending),
      short(source.shed),
    ]),
  );
}

const RANK_ROWS = 50;
const rankName = rank => (rank.world ? `${rank.rank} of ${rank.world}` : "not named");
const isActive = rank => rank.waitingMillis >= 0 || (rank.agoMillis >= 0 && rank.agoMillis < TRAINS_MILLIS);

function drawRanks(now, run) {
  const ranks = now.ranks.filter(rank => rank.run === run.name);
  // Those that wait longest, then those that are furthest behind.
  const shown = ranks
    .toSorted((a, b) => isActive(b) - isActive(a) || b.waitingMillis - a.waitingMillis || a.step - b.step)
    .slice(0, RANK_ROWS);
  const newest = Math.max(-1, ...ranks.filter(isActive).map(rank => rank.step));
  $("ranksNote").textContent = ranks.length
    ? (shown.length < ranks.length ? `${RANK_ROWS} of ${count(ranks.length)}: those that wait longest. ` : "") +
      "Who fetched from this replica in the last ten minutes. What a rank waits for is its oldest call without an answer; " +
      "a client that fetches ahead nearly always has one."
    : "Nobody has fetched this run from this replica in the last ten minutes.";
  if (!ranks.length) {
    put("ranks");
    return;
  }
  const unless = (isMissing, text) => (isMissing ? "–" : text);
  table(
    "ranks",
    "Ranks",
    ["rank", "step", "behind", "rows", "served", "waits for", "since", "from", "caller"],
    shown.map(rank => [
      rankName(rank),
      unless(rank.step < 0, count(rank.step)),
      isActive(rank) ? unless(rank.step < 0, count(newest - rank.step)) : "gone",
      unless(rank.step < 0, `${rank.firstRow}–${rank.endRow - 1}`),
      unless(rank.agoMillis < 0, time(rank.agoMillis) + " ago"),
      unless(rank.askedStep < 0, "step " + count(rank.askedStep)),
      unless(rank.waitingMillis < 0, time(rank.waitingMillis)),
      rank.peer,
      rank.name,
    ]),
  );
}
