"""Sealing in the worker. Takes a plan; tells the core how far it is and, at the end, the facts to record."""
import logging
from typing import Any

from testing_server.foundation.jobs import JobContext, job
from testing_server.preparation.holders.roll import BadRoll
from testing_server.preparation.holders.trust import list_trusted_holders
from testing_server.preparation.hub_keys import load_hub_keys
from testing_server.preparation.materials.sealing import SealingKeys, SealingPlan, clear_bench, make_archives

log = logging.getLogger(__name__)
REPORT_EVERY_MS = 1000


@job(attempts=2)
def seal_for_school(context: JobContext, plan: dict[str, Any]) -> None:
    """Repeatable: what an earlier run finished is taken up, so an order never gets two archives or two ciphers."""
    settled, data = SealingPlan(**plan), context.settings.data
    progress = _Progress(context, settled)
    if progress.report({"state": "running"}) == "ready":
        clear_bench(data, settled.sealing)
        return
    try:
        keys = load_hub_keys(context.settings.keys_folder)
        holders = list_trusted_holders(context.settings)
        pair = make_archives(settled, data, SealingKeys(keys.signing, keys.escrow, holders), progress.tell)
    except (ValueError, OSError, BadRoll) as error:
        # a fault of a content package is a ValueError that names the file, one of our disk an OSError: both are for
        # people, trying again at once would not help
        progress.report({"state": "stopped", "reason": str(error)})
        return
    progress.report({"plan": plan, "pair": pair.as_json()})
    clear_bench(data, settled.sealing)


@job(attempts=2)
def seal_for_schools(context: JobContext, plans: list[dict[str, Any]]) -> None:
    """One school after another. Repeatable: those that are ready are passed over; a failure holds up no other."""
    failed: list[Exception] = []
    for plan in plans:
        try:
            seal_for_school(context, plan)
        except Exception as error:
            log.exception("sealing for school %s failed", plan["school"])
            failed.append(error)
    if failed:
        raise failed[0]


class _Progress:
    """At most one report a second."""

    def __init__(self, context: JobContext, plan: SealingPlan) -> None:
        self._context, self._plan, self._told_ms, self._done = context, plan, 0, 0

    def tell(self, done: int) -> None:
        """So many variants are rendered."""
        now_ms, self._done = self._context.clock.monotonic_ms(), done
        if done == 1 or now_ms - self._told_ms >= REPORT_EVERY_MS:
            self._told_ms = now_ms
            self.report({"state": "running"})

    def report(self, body: dict[str, Any]) -> str:
        """To the core; gives the state it knows."""
        path = f"/v1/internal/sealings/{self._plan.sealing}"
        answer: dict[str, str] = self._context.report_to_core(path, {"done": self._done, **body}) or {}
        return answer.get("state", "")
