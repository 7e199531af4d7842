"""Scoring of one item: takes its XML and a candidate's answers, gives its outcomes. Pure and exact."""
from collections.abc import Mapping

from lxml import etree

from task_bank.items.xml import find_first, local_name, parse_xml
from task_bank.scoring.declarations import ScoringError, read_outcomes, read_responses
from task_bank.scoring.rules import ExitResponse, check_rules, find_rules, run_rules, run_template
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import Outcome, Response, read_response, write_outcome

UNSUPPORTED = ("qti-template-processing", "qti-template-declaration")


def score_item(xml: bytes, responses: Mapping[str, Response], name: str = "item") -> dict[str, Outcome]:
    """Outcomes of an item for these answers.

    `responses` maps response identifier → string, list of strings, or None (not answered); a missing one is
    not answered. Outcomes are int, Decimal, str, bool, list or None. Raises ScoringError naming item and
    element, BrokenXml.
    """
    root = parse_xml(xml, name)
    return score_tree(root, responses)


def score_tree(root: etree._Element, responses: Mapping[str, Response]) -> dict[str, Outcome]:
    """As score_item, of a parsed document."""
    scope = _open_scope(root, responses)
    check_scoring(root)
    rules = find_rules(root)
    if rules is not None:
        _run(rules, scope)
    return {
        name: write_outcome(scope.outcomes[name], declared.cardinality)
        for name, declared in scope.declared_outcomes.items()
    }


def check_scoring(root: etree._Element) -> None:
    """Refuse an item whose rules cannot be run whole. Raises ScoringError naming item and element."""
    item = root.get("identifier", "item")
    if local_name(root) != "qti-assessment-item":
        raise ScoringError(item, local_name(root), "is not a QTI 3 item")
    for name in UNSUPPORTED:
        if find_first(root, name) is not None:
            raise ScoringError(item, name, "items made from templates are not scored")
    rules = find_rules(root)
    if rules is not None:
        check_rules(rules, item)


def _open_scope(root: etree._Element, given: Mapping[str, Response]) -> Scope:
    declared, outcomes = dict(read_responses(root)), dict(read_outcomes(root))
    responses = {
        name: read_response(given.get(name), one.cardinality, one.base_type) for name, one in declared.items()
    }
    starting = {name: one.default for name, one in outcomes.items()}
    return Scope(root.get("identifier", "item"), declared, outcomes, responses, starting)


def _run(rules: etree._Element, scope: Scope) -> None:
    try:
        run_rules(rules, scope)
    except ExitResponse:
        return
    address = rules.get("template") or rules.get("template-location") or ""
    if address and not any(local_name(child) for child in rules):
        run_template(address, scope)
