// Makes a preview page answerable and shows the answers as they would be sent.
const task = document.querySelector("[data-item]");

if (task) {
  const [{ mountItem }, item] = await Promise.all([
    import("./player.js"),
    fetch(task.dataset.item).then((reply) => reply.json()),
  ]);
  const answers = {};
  mountItem(task, item, {
    onAnswer(response, value) {
      answers[response] = value;
      document.querySelector("#answers").textContent = JSON.stringify(answers, null, 1);
    },
  });
}
