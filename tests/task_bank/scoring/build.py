"""Expressions and items written down in short, for the tests of scoring."""
from typing import Any

from task_bank.scoring import Response, score_item
from tests.task_bank.builders import QTI


def of(element: str, /, *inside: str, **attributes: object) -> str:
    """An element of QTI; underscores in attribute names stand for hyphens."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f"<qti-{element}{written}>{''.join(inside)}</qti-{element}>"


def base(value: object, base_type: str = "float") -> str:
    return of("base-value", str(value), base_type=base_type)


def whole(value: int) -> str:
    return base(value, "integer")


def text(value: str) -> str:
    return base(value, "string")


def name_of(value: str) -> str:
    return base(value, "identifier")


def var(identifier: str) -> str:
    return of("variable", identifier=identifier)


TRUE, FALSE, NULL = base("true", "boolean"), base("false", "boolean"), "<qti-null/>"


def declare(kind: str, identifier: str, base_type: str = "float", cardinality: str = "single", inside: str = "") -> str:
    typed = {"base_type": base_type} if base_type else {}
    return of(f"{kind}-declaration", inside, identifier=identifier, cardinality=cardinality, **typed)


def values(*written: object) -> str:
    return "".join(of("value", str(one)) for one in written)


def item(declarations: str, rules: str = "", more: str = "", name: str = "task-01") -> bytes:
    processing = of("response-processing", rules) if rules else ""
    return (f'<qti-assessment-item {QTI} identifier="{name}" title="t">{declarations}{more}<qti-item-body/>'
            f"{processing}</qti-assessment-item>").encode()


def set_outcome(identifier: str, expression: str) -> str:
    return of("set-outcome-value", expression, identifier=identifier)


def evaluate(
    expression: str, base_type: str = "float", cardinality: str = "single",
    responses: dict[str, Response] | None = None, declarations: str = "", seed: int = 0,
) -> Any:
    """The value of one expression, given to an outcome V of this type."""
    xml = item(declarations + declare("outcome", "V", base_type, cardinality), set_outcome("V", expression))
    return score_item(xml, responses or {}, seed=seed)["V"]


def truth(expression: str, **more: Any) -> Any:
    return evaluate(expression, "boolean", **more)
