"""Small items and packages for tests, told by what is special about them."""
import json
from collections.abc import Mapping
from typing import Any

from task_bank.items import AssessmentPackage, build_package
from tests.task_bank.form_kinds import FILE_KINDS, FORM_KINDS, FORM_RIGHT
from tests.task_bank.item_parts import (
    PICTURE,
    PICTURES,
    QTI,
    make_item,
    make_mapping,
    make_outcome,
    make_response,
)

__all__ = [
    "PICTURE", "QTI", "make_choice", "make_item", "make_mapping", "make_outcome", "make_package", "make_response",
]

CHOICE = (
    '<qti-choice-interaction response-identifier="RESPONSE" max-choices="1"><qti-prompt>Which one?</qti-prompt>'
    '<qti-simple-choice identifier="right">Red</qti-simple-choice>'
    '<qti-simple-choice identifier="wrong">Blue</qti-simple-choice>'
    '<qti-simple-choice identifier="last" fixed="true">None of them</qti-simple-choice>'
    "</qti-choice-interaction>"
)


def make_choice(name: str = "task-01", body: str = CHOICE, **changes: Any) -> bytes:
    """A single choice whose key is `right`."""
    changes.setdefault("responses", make_response(key="right"))
    return make_item(body, name=name, template="match_correct", **changes)


def make_position(number: int = 1, pool: tuple[str, ...] = ("task-01",), **changes: Any) -> dict[str, Any]:
    return {
        "number": number, "title": {"ru": "Задание", "en": "Task"}, "kind": "written", "points": 1,
        "pool": list(pool), "auto_move": False, "time_s": None, **changes,
    }


def make_assessment(positions: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    total = sum(position["points"] for position in positions)
    return {
        "format": "assessment/1", "id": "sample", "version": 1, "title": {"ru": "Проба"}, "subject": "sample",
        "grade": 7, "content_language": "en", "counted": False, "duration_s": 600, "scale": [{"mark": 2, "from": 0}],
        "total_points": total, "positions": positions, **changes,
    }


def make_manifest(paths: list[str]) -> bytes:
    kinds = {
        "items": "imsqti_item_xmlv3p0", "stimuli": "imsqti_stimulus_xmlv3p0",
        "assessment-test.xml": "imsqti_test_xmlv3p0",
    }
    resources = "".join(
        f'<p:resource identifier="r{place}" href="{path}" type="{kinds.get(path.split("/")[0], "webcontent")}"/>'
        for place, path in enumerate(paths)
    )
    return (
        '<p:manifest xmlns:p="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1" identifier="m">'
        f"<p:resources>{resources}</p:resources></p:manifest>"
    ).encode()


def make_files(
    items: Mapping[str, bytes] | None = None, assessment: dict[str, Any] | None = None, **more: bytes
) -> dict[str, bytes]:
    """Files of a package. `more` are further files, "__" stands for "/" and "_dot_" for "."."""
    items = items if items is not None else {"task-01": make_choice()}
    files = {f"items/{name}.xml": xml for name, xml in items.items()}
    files |= {path: data for path, data in PICTURES.items() if any(path.encode() in xml for xml in items.values())}
    files |= {name.replace("__", "/").replace("_dot_", "."): data for name, data in more.items()}
    described = assessment or make_assessment([make_position(pool=tuple(items))])
    listed = make_manifest([path for path in files if path != "imsmanifest.xml"])
    return {"imsmanifest.xml": listed, "assessment.json": json.dumps(described).encode(), **files}


def make_package(*args: Any, **more: Any) -> AssessmentPackage:
    return build_package("sample", make_files(*args, **more))


# Every kind of interaction, with the answer that is right and the points it gives.
GAPS = (
    '<qti-gap-match-interaction response-identifier="RESPONSE"><qti-prompt>Fill the gaps</qti-prompt>'
    '<qti-gap-text identifier="w-cat" match-max="1">cat</qti-gap-text>'
    '<qti-gap-text identifier="w-dog" match-max="2">dog</qti-gap-text>'
    '<qti-gap-text identifier="w-extra" match-max="1">fish</qti-gap-text>'
    '<p>The <qti-gap identifier="g-one"/> sees the <qti-gap identifier="g-two"/>.</p></qti-gap-match-interaction>'
)


def make_match(columns: tuple[str, ...], most: int = 1) -> str:
    rows = "".join(
        f'<qti-simple-associable-choice identifier="row-{name}" match-max="1" fixed="true">Row {name}'
        "</qti-simple-associable-choice>" for name in ("a", "b")
    )
    offered = "".join(
        f'<qti-simple-associable-choice identifier="col-{place}" match-max="{most}" fixed="true">{text}'
        "</qti-simple-associable-choice>" for place, text in enumerate(columns)
    )
    return (
        '<qti-match-interaction response-identifier="RESPONSE"><qti-prompt>Match</qti-prompt>'
        f"<qti-simple-match-set>{rows}</qti-simple-match-set>"
        f"<qti-simple-match-set>{offered}</qti-simple-match-set></qti-match-interaction>"
    )


def make_pairs(points: Mapping[str, str]) -> str:
    return make_response(
        key="|".join(points), cardinality="multiple", base_type="directedPair", more=make_mapping(points)
    )


LONG = tuple(f"A rather long heading number {number} about animals" for number in range(4))
MULTIPLE = CHOICE.replace('max-choices="1"', 'max-choices="2"').replace(' fixed="true"', "")
ORDER = (
    '<qti-order-interaction response-identifier="RESPONSE"><qti-prompt>Put in order</qti-prompt>'
    + "".join(f'<qti-simple-choice identifier="step-{n}">Step {n}</qti-simple-choice>' for n in "123")
    + "</qti-order-interaction>"
)
INLINE = (
    '<p>It <qti-inline-choice-interaction response-identifier="RESPONSE"><qti-inline-choice identifier="right">is'
    '</qti-inline-choice><qti-inline-choice identifier="wrong">are</qti-inline-choice>'
    "</qti-inline-choice-interaction> here.</p>"
)
HOTTEXT = (
    '<qti-hottext-interaction response-identifier="RESPONSE" max-choices="2"><qti-prompt>Pick facts</qti-prompt>'
    '<p><qti-hottext identifier="fact">Water boils.</qti-hottext> <qti-hottext identifier="view">It is fun.'
    '</qti-hottext> <qti-hottext identifier="fact-2">Ice melts.</qti-hottext></p></qti-hottext-interaction>'
)
TEXT = '<p>Capital: <qti-text-entry-interaction response-identifier="RESPONSE" pattern-mask="[Mm]oscow"/></p>'
ESSAY = (
    '<qti-extended-text-interaction response-identifier="RESPONSE"><qti-prompt>Write</qti-prompt>'
    "</qti-extended-text-interaction>"
)

# Graphic interactions, all on the same island.
ISLAND_IMAGE = '<img src="../media/island.svg" alt="Plan of an island" width="400" height="300"/>'
PLACES = {
    "hill": 'shape="poly" coords="120,240,160,170,200,240"',
    "wood": 'shape="poly" coords="60,90,140,60,150,110,90,130"',
    "town": 'shape="rect" coords="260,100,330,150"', "lake": 'shape="circle" coords="200,90,30"',
    "field": 'shape="ellipse" coords="280,210,40,22"',
}


def make_graphic(name: str, attributes: str = "", choices: str = "", image: str = ISLAND_IMAGE) -> str:
    """A graphic interaction, `name` without qti- and -interaction."""
    return (
        f'<qti-{name}-interaction response-identifier="RESPONSE" {attributes}><qti-prompt>Look at the plan</qti-prompt>'
        f"{image}{choices}</qti-{name}-interaction>"
    )


def make_spots(element: str, attributes: str = "", places: tuple[str, ...] = tuple(PLACES)) -> str:
    return "".join(f'<qti-{element} identifier="{name}" {PLACES[name]} {attributes}/>' for name in places)


def make_areas(*areas: tuple[str, str]) -> str:
    entries = "".join(
        f'<qti-area-map-entry shape="{shape}" coords="{coords}" mapped-value="1"/>' for shape, coords in areas
    )
    return f'<qti-area-mapping default-value="0">{entries}</qti-area-mapping>'


AREAS = make_areas(("circle", "200,90,30"), ("rect", "260,100,330,150"))
HOTSPOT = make_graphic("hotspot", 'max-choices="2" min-choices="2"', make_spots("hotspot-choice"))
HOTSPOT_ONE = make_graphic(
    "hotspot", 'max-choices="1"',
    '<qti-hotspot-choice identifier="rest" shape="default" coords="0,0,400,300"/>' + make_spots("hotspot-choice"),
    '<object data="../media/island.svg" type="image/svg+xml" width="400" height="300">Plan of an island</object>',
)
POINTS = make_graphic("select-point", 'max-choices="2"')
GRAPHIC_GAPS = make_graphic(
    "graphic-gap-match", "",
    '<qti-gap-img identifier="g-ship" match-max="1"><img src="../media/ship.svg" alt="ship" width="48" height="40"/>'
    '</qti-gap-img><qti-gap-text identifier="g-tree" match-max="2">tree</qti-gap-text>'
    '<qti-gap-text identifier="g-house" match-max="1">house</qti-gap-text>'
    + make_spots("associable-hotspot", 'match-max="1"', ("town", "lake", "wood"))
    + make_spots("associable-hotspot", 'match-max="2"', ("field",)),
)
LINES = make_graphic(
    "graphic-associate", 'max-associations="3"', make_spots("associable-hotspot", 'match-max="2"')
)
GRAPHIC_ORDER = make_graphic("graphic-order", "", make_spots("hotspot-choice", "", ("hill", "wood", "town", "lake")))
STAGE = (
    f"<qti-position-object-stage>{ISLAND_IMAGE}"
    + make_graphic("position-object", 'max-choices="2"', image=(
        '<img src="../media/ship.svg" alt="ship" width="48" height="40"/>'
    )) + "</qti-position-object-stage>"
)

KINDS: dict[str, bytes] = {
    "choice": make_choice("choice"),
    "multiple": make_item(
        MULTIPLE, make_response(key="right|last", cardinality="multiple"), name="multiple", template="match_correct"
    ),
    "inline": make_item(INLINE, make_response(key="right"), name="inline", template="match_correct"),
    "text": make_item(TEXT, make_response(key="Moscow", base_type="string"), name="text", template="match_correct"),
    "number": make_item(TEXT, make_response(key="3.5", base_type="float"), name="number", template="match_correct"),
    "match-table": make_item(
        make_match(("One", "Two", "Three"), 1), make_pairs({"row-a col-1": "1", "row-b col-0": "1"}),
        name="match-table", template="map_response", points=2,
    ),
    "match-list": make_item(
        make_match(LONG), make_pairs({"row-a col-1": "1", "row-b col-0": "1"}), name="match-list",
        template="map_response", points=2,
    ),
    "order": make_item(
        ORDER, make_response(key="step-1|step-2|step-3", cardinality="ordered"), name="order",
        template="match_correct",
    ),
    "gaps": make_item(
        GAPS, make_pairs({"w-cat g-one": "1", "w-dog g-two": "1"}), name="gaps", template="map_response", points=2
    ),
    "hottext": make_item(
        HOTTEXT, make_response(key="fact|fact-2", cardinality="multiple"), name="hottext", template="match_correct"
    ),
    "hotspot": make_item(
        HOTSPOT, make_response(key="town|lake", cardinality="multiple"), name="hotspot", template="match_correct"
    ),
    "hotspot-one": make_item(HOTSPOT_ONE, make_response(key="hill"), name="hotspot-one", template="match_correct"),
    "select-point": make_item(
        POINTS, make_response(cardinality="multiple", base_type="point", key="200 90|300 120", more=AREAS),
        name="select-point", template="map_response_point", points=2,
    ),
    "graphic-gaps": make_item(
        GRAPHIC_GAPS, make_pairs({"g-ship lake": "1", "g-tree wood": "1", "g-tree field": "1", "g-house town": "1"}),
        name="graphic-gaps", template="map_response", points=4,
    ),
    "graphic-associate": make_item(
        LINES, make_response(key="hill lake|lake town", cardinality="multiple", base_type="pair"),
        name="graphic-associate", template="match_correct",
    ),
    "graphic-order": make_item(
        GRAPHIC_ORDER, make_response(key="hill|town|lake|wood", cardinality="ordered"), name="graphic-order",
        template="match_correct",
    ),
    "position-object": make_item(
        STAGE, make_response(cardinality="multiple", base_type="point", key="200 90|300 120", more=AREAS),
        name="position-object", template="map_response_point", points=2,
    ),
    **FORM_KINDS,
}

RIGHT: dict[str, Any] = {
    "choice": "right", "multiple": ["last", "right"], "inline": "right", "text": "Moscow", "number": "3,50",
    "match-table": ["row-b col-0", "row-a col-1"], "match-list": ["row-a col-1", "row-b col-0"],
    "order": ["step-1", "step-2", "step-3"], "gaps": ["w-cat g-one", "w-dog g-two"], "hottext": ["fact-2", "fact"],
    "hotspot": ["lake", "town"], "hotspot-one": "hill", "select-point": ["205 88", "290 130"],
    "graphic-gaps": ["g-house town", "g-ship lake", "g-tree field", "g-tree wood"],
    "graphic-associate": ["lake hill", "town lake"], "graphic-order": ["hill", "town", "lake", "wood"],
    "position-object": ["205 88", "290 130"],
    **FORM_RIGHT,
}


# What people mark: one criterion of one point.
CRITERIA = {
    "file": {"criteria": [{"id": "К1", "max": 1, "title": "Верно", "levels": [
        {"points": points, "text": str(points)} for points in (0, 1)
    ]}]},
}


def make_package_of_kinds(items: Mapping[str, bytes] = KINDS) -> AssessmentPackage:
    """One position for every kind of interaction."""
    points = {
        "match-table": 2, "match-list": 2, "gaps": 2, "graphic-gaps": 4, "select-point": 2, "position-object": 2,
    }
    positions = [
        make_position(
            number, (name,), points=points.get(name, 1), **({"criteria": "file"} if name in FILE_KINDS else {})
        ) for number, name in enumerate(items, 1)
    ]
    return make_package(items, make_assessment(positions, criteria=CRITERIA))


def make_package_with_files() -> AssessmentPackage:
    """Also the kinds whose answer is a file."""
    return make_package_of_kinds({**KINDS, **FILE_KINDS})
