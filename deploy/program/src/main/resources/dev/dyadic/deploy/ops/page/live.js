"use strict";

// Asks the sampler every two seconds, and draws. The run that is shown, and the one beside it, are in the address:
// #run=NAME&with=NAME. Without a name it is the run that somebody trains now.

const EVERY_MILLIS = 2000;
const TRAINS_MILLIS = 30_000;
const WAITS_MILLIS = 30_000;
const ANSWERS_MILLIS = 10_000;
const FULL = 0.95;
// Tokens a second, and the loss over all lengths, are of so much.
const SPEED_MILLIS = 60_000;
const LOSS_STEPS = 16;
// A page in the background tells in its title whether all is well.
const HIDDEN_MILLIS = 30_000;

let seen = null; // the sampler's last answer
let beside = null; // its answer about the other run
let usualName = ""; // of the run that is shown where the address names none
let shownName = "";
let isAsking = false;
let isAskedAgain = false;
let isStill = false;
let lookedAt = 0;
const served = new Map(); // by run: moments, with the tokens that were served for training by then

function address() {
  const named = new URLSearchParams(location.hash.slice(1));
  return { run: named.get("run"), with: named.get("with") };
}

function addressOf(run, other) {
  const named = new URLSearchParams({ run });
  if (other) named.set("with", other);
  return "#" + named;
}

const isTraining = run => run.servedAgoMillis >= 0 && run.servedAgoMillis < TRAINS_MILLIS;

// The run that is shown, while it trains; else the one that was fetched last; else the newest that is open.
function usual(now) {
  const fetched = now.runs
    .filter(run => run.servedAgoMillis >= 0)
    .sort((a, b) => a.servedAgoMillis - b.servedAgoMillis);
  const shown = now.runs.find(run => run.name === usualName);
  return (shown && isTraining(shown) && shown) || fetched[0] || now.runs.find(run => !run.closed) || now.runs[0];
}

function stateOf(run) {
  if (run.servedAgoMillis < 0) return run.closed ? "closed" : "not fetched here";
  const step = "step " + count(run.servedStep);
  return isTraining(run)
    ? "trains now, " + step
    : `${run.closed ? "closed, " : ""}${step}, ${time(run.servedAgoMillis)} ago`;
}

// One sentence for all the ranks of a run that have waited for long.
function waits(now) {
  const runs = Map.groupBy(
    now.ranks.filter(rank => rank.waitingMillis > WAITS_MILLIS),
    rank => rank.run,
  );
  return [...runs].map(([run, ranks]) => {
    const first = ranks.reduce((a, b) => (b.waitingMillis > a.waitingMillis ? b : a));
    const who = first.world ? "rank " + rankName(first) : "a client at " + first.peer;
    const others = ranks.length > 1 ? `, and ${count(ranks.length - 1)} more for theirs` : "";
    return {
      text: `${who} waits for step ${count(first.askedStep)} of run ${run}${others}`,
      sinceMillis: first.waitingMillis,
    };
  });
}

// In words, what an operator should look at, and for how long it has been so.
function wrongs(now) {
  const found = [...now.stalls, ...now.warnings, ...waits(now)];
  if (!now.conserved) {
    found.push({
      text: "In some pool, admitted is not dealt + pending + shed, or one of them is below 0. This is a defect: keep the ledger, and run dyadic audit.",
    });
  }
  if (now.runsNotServed) {
    found.push({
      text: `A later release has written to ${count(now.runsNotServed)} runs; this replica leaves them alone until it is upgraded.`,
    });
  }
  if (now.diskLimitBytes && now.diskBytes > FULL * now.diskLimitBytes) {
    found.push({
      text: `Rows take ${bytes(now.diskBytes)} of the ${bytes(now.diskLimitBytes)} that they may have on disk.`,
    });
  }
  return found;
}

function say(state, isBad, run) {
  document.title = (isBad ? "⚠ " : "") + (run ? run.name + " · " : "") + "Dyadic";
  // A screen reader reads it out when it changes, and not every two seconds.
  if ($("state").textContent !== state) $("state").textContent = state;
  $("state").className = isBad ? "bad" : "good";
}

// With the first thing that is wrong, so that another one in its place is read out too.
function stateText(wrong) {
  if (!wrong.length) return "All moves";
  return `${wrong.length === 1 ? "One thing is" : count(wrong.length) + " things are"} wrong: ${wrong[0].text}`;
}

function drawRuns(now, shown) {
  const focused = document.activeElement?.closest("#runs a");
  const links = now.runs.map(run => {
    const link = make("a", run.name);
    link.href = addressOf(run.name);
    link.append(make("small", `${run.kind}; ${stateOf(run)}`));
    if (run === shown) link.setAttribute("aria-current", "page");
    const entry = make("li");
    entry.append(link);
    return entry;
  });
  if (now.runsLeftOut)
    links.push(
      make("li", `${count(now.runsLeftOut)} others are not shown: name one in the address, #run=NAME`, "faint"),
    );
  if (!links.length) links.push(make("li", "none is open", "faint"));
  put("runs", ...links);
  // The focus of a keyboard stays where it is.
  const again = focused && [...$("runs").querySelectorAll("a")].find(link => link.href === focused.href);
  if (again) again.focus();
}

function drawChoice(now, run) {
  const names = ["", ...now.runs.map(other => other.name).filter(name => name !== run.name)];
  if ([...$("with").options].map(option => option.value).join("\n") !== names.join("\n")) {
    const options = names.map(name => {
      const option = make("option", name || "no other run");
      option.value = name;
      return option;
    });
    put("with", ...options);
  }
  $("with").value = names.includes(address().with) ? address().with : "";
}

// What this page has seen, from look to look. The counts of another replica, or of one that was started anew, are others.
function remember(now, before) {
  if (before && (before.replica !== now.replica || before.startedMillis !== now.startedMillis)) served.clear();
  const other = beside?.runs.find(run => run.name === beside.run?.name);
  for (const run of other ? [...now.runs.filter(run => run.name !== other.name), other] : now.runs) {
    const moments = served.get(run.name) || [];
    const isLess = moments.length && run.tokensServed < moments.at(-1).tokens;
    served.set(run.name, [
      ...moments.filter(moment => !isLess && now.nowMillis - moment.atMillis <= SPEED_MILLIS),
      { atMillis: now.nowMillis, tokens: run.tokensServed },
    ]);
  }
}

function speed(run) {
  const moments = served.get(run.name) || [];
  const millis = moments.length < 2 ? 0 : moments.at(-1).atMillis - moments[0].atMillis;
  if (millis <= 0) return "–";
  return short(Math.round((1000 * (moments.at(-1).tokens - moments[0].tokens)) / millis));
}

// Of the newest steps, whatever their lengths.
function newestLoss(detail) {
  const losses = Object.values(detail?.losses || {})
    .flat()
    .sort((a, b) => a.step - b.step)
    .slice(-LOSS_STEPS);
  return losses.length ? (sum(losses.map(({ loss }) => loss)) / losses.length).toFixed(3) : "–";
}

function factsOf(run, detail) {
  return [
    ["tokens a step", count(run.tokensPerStep)],
    [
      "planned",
      `${count(run.stepsPlanned)} steps${run.totalSteps < 0 ? "" : " of " + count(run.totalSteps)} in ${count(run.cycles)} ${run.cycles === 1 ? "cycle" : "cycles"}`,
    ],
    ["served last, here", run.servedStep < 0 ? "nothing" : "step " + count(run.servedStep)],
    ["committed", run.committedStep < 0 ? "nothing" : "step " + count(run.committedStep)],
    ["tokens for training, here", short(run.tokensServed)],
    ["tokens/s, last minute", speed(run)],
    [`loss, newest ${LOSS_STEPS} steps`, newestLoss(detail)],
  ];
}

const aboutRun = run => `${run.kind}, curriculum ${run.curriculum}`;

// Beside each other: what two runs are, and how far they are.
function drawCompared(run, detail, other, otherDetail) {
  if (!other) {
    facts("facts", factsOf(run, detail));
    put("compared");
    return;
  }
  put("facts");
  const theirs = factsOf(other, otherDetail);
  table(
    "compared",
    "The two runs",
    ["", run.name, other.name],
    [
      ["kind", aboutRun(run), aboutRun(other)],
      ...factsOf(run, detail).map(([title, value], i) => [title, value, theirs[i][1]]),
    ],
  );
}

function drawRun(now, run, lengths) {
  shownName = run.name;
  $("name").textContent = "Run " + run.name;
  $("about").textContent = `${aboutRun(run)}; ${stateOf(run)}`;
  drawChoice(now, run);
  const other = beside && beside.run && beside.run.name === address().with ? beside.run : null;
  const otherRun = other && beside.runs.find(its => its.name === other.name);
  drawCompared(run, now.run?.name === run.name ? now.run : null, otherRun, other);
  // Until the sampler has told of this run, there is nothing to draw: what stands there is another run's.
  $("panels").hidden = now.run?.name !== run.name;
  if (!$("panels").hidden) {
    drawCurriculum("lengths", run, now.run, lengths);
    $("besideCurriculum").hidden = !otherRun;
    if (otherRun) {
      $("besideLengthsTitle").textContent = "Curriculum of " + otherRun.name;
      drawCurriculum("besideLengths", otherRun, other, lengths);
    }
    drawLosses(now, now.run, other, lengths);
    drawMixture(now.run, other);
    drawPools(run, now.run, lengths);
  }
  drawRanks(now, run);
}

// Moments that follow one another and were measured: between two such pieces there is a gap.
function pieces(moments, isMeasured) {
  const found = [[]];
  for (const moment of moments) {
    if (isMeasured(moment)) found.at(-1).push(moment);
    else if (found.at(-1).length) found.push([]);
  }
  return found.filter(piece => piece.length);
}

// A line for each of some values of the moments, over time, on a scale up to at least a value.
function drawPast(id, moments, isMeasured, curves, least, show, summary) {
  const measured = pieces(moments, isMeasured);
  if (moments.length < 2 || !measured.length) {
    put(id, make("p", "Nothing was measured yet.", "faint"));
    return;
  }
  const from = moments[0].atMillis;
  const to = moments.at(-1).atMillis;
  const most = Math.max(least, ...curves.flatMap(([value]) => measured.flat().map(moment => moment[value])));
  const c = chart(id, summary);
  const clock = millis => new Date(millis).toLocaleTimeString();
  axes(c, 0, most, show, clock(from), clock(to));
  for (const [value, isDashed] of curves) {
    for (const piece of measured) {
      const points = piece.map(moment => [c.x(moment.atMillis, from, to), c.y(moment[value], 0, most)]);
      curve(c, points, "var(--accent)", isDashed);
    }
  }
}

function drawReplica(now, lengths) {
  const fresh = now.freshness.rows
    ? `${time(now.freshness.p50Millis)}, p99 ${time(now.freshness.p99Millis)}`
    : "nothing in ten minutes";
  facts("replica", [
    ["publish to servable", fresh],
    ["records behind Kafka", count(now.lagRecords)],
    ["rows on disk", bytes(now.diskBytes) + (now.diskLimitBytes ? " of " + bytes(now.diskLimitBytes) : "")],
    ["admitted = dealt + pending + shed", now.conserved ? "holds" : "BROKEN"],
    ["version", now.version],
    ["up since", new Date(now.startedMillis).toLocaleString()],
  ]);
  drawPast(
    "fresh",
    now.past,
    moment => moment.rows > 0,
    [
      ["p50Millis", false],
      ["p99Millis", true],
    ],
    1,
    time,
    "From publishing to servable: " + fresh,
  );
  drawPast(
    "lag",
    now.past,
    () => true,
    [["lagRecords", false]],
    10,
    n => short(Math.round(n)),
    `Records behind Kafka: ${count(now.lagRecords)} now`,
  );
  const splits = [...new Set(now.rows.map(held => held.split))];
  table(
    "rows",
    "Rows that this replica holds",
    ["length", ...splits],
    lengths.map(length => [
      count(length),
      ...splits.map(split =>
        count(sum(now.rows.filter(held => held.length === length && held.split === split).map(held => held.rows))),
      ),
    ]),
  );
}

const isThere = name => [seen, beside].some(answer => answer?.runs.some(run => run.name === name));

function draw() {
  const now = seen;
  const asked = address().run;
  const run = asked ? now.runs.find(run => run.name === asked) : usual(now);
  $("corpus").textContent = `corpus ${now.corpus}, tokenizer ${now.tokenizer}, replica ${now.replica}`;
  const wrong = wrongs(now);
  say(stateText(wrong), wrong.length > 0, run);
  const notes = wrong.map(({ text, sinceMillis }) => (sinceMillis ? `For ${time(sinceMillis)}: ${text}` : text));
  put("notes", ...notes.map(text => make("li", text, "bad")));
  drawRuns(now, run);
  const absent = [asked, address().with].filter(name => name && !isThere(name));
  $("missing").textContent = absent.map(name => `There is no run ${name}.`).join(" ");
  const lengths = [...new Set(now.rows.map(held => held.length))].sort((a, b) => a - b);
  $("run").hidden = !run;
  if (run) drawRun(now, run, lengths);
  drawReplica(now, lengths);
}

async function ask(run) {
  const answer = await fetch("live" + (run ? "?" + new URLSearchParams({ run }) : ""), {
    cache: "no-store",
    signal: AbortSignal.timeout(ANSWERS_MILLIS),
  });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

// The newest answers, or false where the sampler gave none.
async function fetchAll() {
  try {
    let now = await ask(address().run || usualName);
    if (!address().run && usual(now)) {
      usualName = usual(now).name;
      if (now.run?.name !== usualName) now = await ask(usualName);
    }
    beside = address().with ? await ask(address().with) : null;
    remember(now, seen);
    seen = now;
    return true;
  } catch (e) {
    say("The sampler does not answer: " + e.message, true, shownName && { name: shownName });
    // What stands there was true before.
    $("main").className = "old";
    return false;
  }
}

async function look() {
  isAskedAgain = isAsking;
  if (isAsking) return;
  isAsking = true;
  lookedAt = performance.now();
  const isAnswered = await fetchAll();
  isAsking = false;
  if (isAnswered) {
    $("main").className = "";
    $("asOf").textContent = "as of " + new Date(seen.nowMillis).toLocaleTimeString();
    draw();
  }
  if (isAskedAgain) look();
}

function redraw() {
  if (seen) draw();
}

$("with").addEventListener("change", event => (location.hash = addressOf(shownName, event.target.value)));
$("raw").addEventListener("change", redraw);
$("filter").addEventListener("input", redraw);
$("still").addEventListener("click", () => {
  isStill = !isStill;
  $("still").setAttribute("aria-pressed", isStill);
  if (!isStill) look();
});
addEventListener("hashchange", () => {
  redraw();
  look();
});
addEventListener("resize", redraw);
document.addEventListener("visibilitychange", lookAgain);
setInterval(lookAgain, EVERY_MILLIS);

// A page that nobody sees asks less often.
function lookAgain() {
  const isDue = !document.hidden || performance.now() - lookedAt >= HIDDEN_MILLIS;
  if (isDue && !isStill) look();
}

look();
