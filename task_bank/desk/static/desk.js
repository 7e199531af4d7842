// Makes an item on the author's desk answerable and shows what the answer scores.
const page = document.querySelector("[data-item]");
const { item: name, order } = page.dataset;
const task = document.getElementById("task");
const score = document.getElementById("score");
const outcomes = document.getElementById("outcomes");
const written = document.getElementById("answers");

let item;
let media;
let answer;
let mountItem;
let answers = {};
let mounted = null;
let asked = 0;

function mount(language) {
  mounted?.destroy();
  mounted = mountItem(task, item, {
    state: answers, language, mediaUrl: (sha256) => `../media/${media[sha256] ?? sha256}`,
    keepFile, fileUrl: (sha256) => `../files/${sha256}`,
    onAnswer(response, value) {
      answers[response] = value;
      show();
    },
  });
}

async function keepFile(blob) {
  const reply = await fetch("../files", { method: "POST", body: blob });
  if (!reply.ok) throw new Error(String(reply.status));
  return (await reply.json()).reference;
}

async function show() {
  written.textContent = JSON.stringify(answers, null, 1);
  const own = ++asked;
  let found;
  try {
    const reply = await fetch(`${name}/score?order=${order}`, { method: "POST", body: JSON.stringify(answers) });
    found = await reply.json();
  } catch {
    score.textContent = "Просмотр закончен: запустите task-bank preview ещё раз.";
    return;
  }
  // an answer given meanwhile has its own reply on the way
  if (own === asked) tell(found);
}

function tell({ outcomes: values, error }) {
  const rows = Object.entries(values ?? {});
  outcomes.hidden = rows.length === 0;
  outcomes.tBodies[0].replaceChildren(...rows.map(([variable, value]) => {
    const row = document.createElement("tr");
    for (const text of [variable, value === null ? "нет значения" : JSON.stringify(value)]) {
      row.append(Object.assign(document.createElement("td"), { textContent: text }));
    }
    return row;
  }));
  score.classList.toggle("error", Boolean(error));
  score.textContent = error ?? (values.SCORE === null ? "Баллов пока нет." : `Баллы: ${values.SCORE}`);
}

function set(state) {
  answers = { ...state };
  mounted.setState(answers);
  show();
}

async function start() {
  [{ mountItem }, { item, media, answer }] = await Promise.all([
    import("./player.js"), fetch(`${name}.json?order=${order}`).then((reply) => reply.json()),
  ]);
  document.getElementById("by-key")?.addEventListener("click", () => set(answer));
  document.getElementById("clear").addEventListener("click", () => set({}));
  document.getElementById("language").addEventListener("change", (event) => mount(event.target.value));
  document.getElementById("width").addEventListener("change", (event) => {
    task.closest("main").dataset.width = event.target.value;
  });
  mount("ru");
  enable("by-key", Object.keys(answer ?? {}).length > 0);
  enable("clear", true);
}

// A click before the task is there would be lost without a word.
function enable(id, isUseful) {
  const button = document.getElementById(id);
  if (button) button.disabled = !isUseful;
}

if (location.protocol.startsWith("http")) {
  start();
} else {
  score.textContent = "Отвечать и считать баллы можно в запущенном просмотре: task-bank preview ПАКЕТ.";
}
