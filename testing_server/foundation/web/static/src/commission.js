// The head's page: a referred answer goes back into the queue.
for (const button of document.querySelectorAll("[data-return]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const reply = await fetch("/v1/marking/return", {
      method: "POST", headers: {"Content-Type": "application/json"},
      body: JSON.stringify({assignment: button.dataset.return}),
    });
    if (reply.ok) window.location.reload();
    else button.disabled = false;
  });
}
