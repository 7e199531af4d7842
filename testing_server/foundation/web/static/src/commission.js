// The head's page: a referred answer goes back into the queue or onto the head's own desk.
for (const button of document.querySelectorAll("[data-decide]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const reply = await fetch(`/v1/marking/${button.dataset.decide}`, {
      method: "POST", headers: {"Content-Type": "application/json"},
      body: JSON.stringify({assignment: button.dataset.assignment}),
    }).catch(() => null);
    if (reply?.ok) window.location.assign(button.dataset.then);
    else await complain(button, reply);
  });
}

async function complain(button, reply) {
  const place = document.getElementById("commission-status");
  const found = await reply?.json().catch(() => null);
  place.textContent = found?.message ?? place.dataset.textOffline;
  button.disabled = false;
}
