"""axe-core in a page: what it finds wrong, told in one line a fault."""
from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# An item is a part of a page: headings and landmarks are the page's affair.
RULES = {"region": {"enabled": False}, "page-has-heading-one": {"enabled": False}}


def find_violations(page: Any) -> list[str]:
    """Every violation as "rule: element: what to do". The library is evaluated, so the page's own policy stands."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {rules, resultTypes: ['violations']})", RULES)
    return [
        f"{one['id']}: {node['html'][:120]}: {node['failureSummary'].splitlines()[-1].strip()}"
        for one in found["violations"] for node in one["nodes"]
    ]
