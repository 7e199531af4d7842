"""Graphic interactions are delivered in reading order without what tells the key, and refused when half clear."""
import io
import json
import re
from typing import Any

import pytest
from lxml import html
from PIL import Image

from task_bank.items import Identifiers, PackageError, UnsupportedElement, render_item
from task_bank.variants import Variant, deliver
from tests.task_bank.builders import (
    ISLAND_IMAGE,
    KINDS,
    PLACES,
    make_assessment,
    make_graphic,
    make_item,
    make_package,
    make_position,
    make_response,
    make_spots,
)
from tests.task_bank.media_files import make_jpeg, make_wav

GRAPHIC = ("hotspot", "hotspot-one", "select-point", "graphic-gaps", "graphic-associate", "graphic-order",
           "position-object")


def render(item: bytes, seed: str = "seed", **files: bytes) -> tuple[Any, dict[str, Any], Identifiers]:
    """The page, the delivered form and the names of one item."""
    package = make_package({"task-01": item}, make_assessment([make_position()]), **files)
    names = Identifiers("i1")
    data = render_item(package, next(iter(package.items.values())), package.assessment.positions[0], names, seed).data
    return html.fromstring(data["html"]), data, names


def render_hotspots(choices: str, image: str = ISLAND_IMAGE, prompt: str = "Find it", **files: bytes) -> Any:
    body = make_graphic("hotspot", "", choices, image).replace("Look at the plan", prompt)
    return render(make_item(body, make_response(key="a")), **files)


def make_hotspot(name: str, shape: str, coords: str, label: str = "") -> str:
    labelled = f'hotspot-label="{label}"' if label else ""
    return f'<qti-hotspot-choice identifier="{name}" shape="{shape}" coords="{coords}" {labelled}/>'


def name_item(kind: str) -> bytes:
    return KINDS[kind].replace(f'identifier="{kind}"'.encode(), b'identifier="task-01"', 1)


@pytest.mark.parametrize("kind", GRAPHIC)
def test_a_picture_has_its_digest_for_a_name_and_keeps_its_words(kind: str) -> None:
    page, data, _ = render(name_item(kind))
    picture = page.find('.//div[@class="qti-picture"]')
    assert picture.get("data-width") == "400" and picture.get("data-height") == "300"
    assert picture.find("img").get("alt") == "Plan of an island"
    assert re.fullmatch("media/[0-9a-f]{64}", picture.find("img").get("src"))
    assert "island.svg" not in json.dumps(data)


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_regions_come_in_reading_order_whatever_the_author_and_chance_say(seed: str) -> None:
    page, _, names = render(name_item("hotspot"), seed)
    order = [names.choices[one.get("value")] for one in page.iter("input")]
    assert order == ["wood", "lake", "town", "hill", "field"]
    assert list(names.choices.values()) == order
    assert [one.text for one in page.xpath('//*[@class="qti-badge"]')] == ["1", "2", "3", "4", "5"]


def test_document_order_is_nowhere_in_what_is_delivered() -> None:
    backwards = make_graphic("graphic-order", "", make_spots("hotspot-choice", "", tuple(reversed(PLACES))))
    forwards = make_graphic("graphic-order", "", make_spots("hotspot-choice"))
    response = make_response(key="hill|wood", cardinality="ordered")
    assert render(make_item(backwards, response))[1] == render(make_item(forwards, response))[1]


def test_every_shape_is_drawn_in_pixels_of_the_picture() -> None:
    page, _, names = render(name_item("hotspot-one"))
    originals = {opaque: original for opaque, original in names.choices.items()}
    drawn = {originals[shape.get("data-region")]: shape for shape in page.find(".//svg")}
    assert page.find(".//svg").get("viewbox") == "0 0 400 300"
    assert drawn["hill"].tag == "polygon" and drawn["hill"].get("points") == "120,240 160,170 200,240"
    assert [drawn["town"].get(name) for name in ("x", "y", "width", "height")] == ["260", "100", "70", "50"]
    assert [drawn["lake"].get(name) for name in ("cx", "cy", "r")] == ["200", "90", "30"]
    assert [drawn["field"].get(name) for name in ("rx", "ry")] == ["40", "22"]
    assert next(iter(page.find(".//svg"))) is drawn["rest"] and drawn["rest"].get("width") == "400"


def test_coords_in_percent_are_of_the_picture() -> None:
    spots = make_hotspot("a", "rect", "10%,10%,50%,50%") + make_hotspot("b", "circle", "300,200,10%")
    page, _, _ = render_hotspots(spots)
    assert [page.find(".//svg/rect").get(name) for name in ("x", "y", "width", "height")] == ["40", "30", "160", "120"]
    assert page.find(".//svg/circle").get("r") == "30"


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("image, size", [
    ('<img src="../media/a.png" alt=""/>', "640 320"),
    ('<img src="../media/a.png" alt="" width="320"/>', "320 160"),
    ('<img src="../media/a.png" alt="" width="200" height="300"/>', "200 300"),
    ('<object data="../media/a.png" type="image/png"/>', "640 320"),
    ('<picture><source srcset="../media/a.webp"/><img src="../media/a.png" alt=""/></picture>', "640 320"),
])
def test_coordinates_count_in_the_size_the_author_gave_else_in_the_files_own(image: str, size: str) -> None:
    page, _, _ = render_hotspots(make_hotspot("a", "circle", "50,50,9"), image, media__a_dot_png=png(640, 320))
    assert page.find(".//svg").get("viewbox") == f"0 0 {size}"


def test_a_drawing_without_size_counts_by_its_view_box() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"/>'
    page, _, _ = render_hotspots(
        make_hotspot("a", "circle", "50,50,9"), '<img src="../media/a.svg" alt=""/>', media__a_dot_svg=drawing
    )
    assert page.find(".//svg").get("viewbox") == "0 0 90 60"


TWO = (("rect", "0,0,50,50"), ("rect", "60,0,90,50"))


def render_labels(*labels: str, prompt: str = "Find it") -> list[str]:
    spots = (make_hotspot(f"n{place}", *TWO[place], label) for place, label in enumerate(labels))
    page, data, _ = render_hotspots("".join(spots), prompt=prompt)
    assert "hotspot-label" not in data["html"]
    return [one.text for one in page.xpath('//*[@class="qti-region-label"]')]


def test_labels_for_those_who_do_not_see_are_kept() -> None:
    assert render_labels("Upper circle", "Lower circle") == ["Upper circle", "Lower circle"]


@pytest.mark.parametrize("labels, prompt", [
    (("Paris", "Lyon"), "Where is Paris?"),
    (("Волга", "Дон"), "Найдите Волгу на карте."),
    (("The correct one", "Other"), "Find it"),
    (("Верная область", "Область"), "Find it"),
    (("Lake", "Lake"), "Find it"),
    (("Lake", ""), "Find it"),
])
def test_labels_that_could_tell_the_key_are_left_out_for_all_regions(labels: tuple[str, ...], prompt: str) -> None:
    assert render_labels(*labels, prompt=prompt) == []


def test_labels_that_name_what_is_to_be_put_there_are_left_out() -> None:
    spots = '<qti-associable-hotspot identifier="x" match-max="1" shape="rect" coords="0,0,9,9" hotspot-label="Tree"/>'
    body = make_graphic("graphic-gap-match", "", f'<qti-gap-text identifier="t">trees</qti-gap-text>{spots}')
    page, _, _ = render(make_item(body, make_response(base_type="directedPair")))
    assert "Tree<" not in html.tostring(page, encoding="unicode")


def test_labels_that_stand_in_the_shared_text_are_left_out() -> None:
    stimulus = (
        '<qti-assessment-stimulus xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="t" title="t">'
        "<qti-stimulus-body><p>It lies by the lake</p></qti-stimulus-body></qti-assessment-stimulus>"
    ).encode()
    reference = '<qti-assessment-stimulus-ref identifier="t" href="../stimuli/t.xml"/>'
    spots = "".join(make_hotspot(label, *TWO[place], label) for place, label in enumerate(("Lake", "Hill")))
    item = make_item(make_graphic("hotspot", "", spots), make_response(key="Lake") + reference)
    page, _, _ = render(item, stimuli__t_dot_xml=stimulus)
    assert page.xpath('//*[@class="qti-region-label"]') == []


def test_a_photo_that_lies_on_its_side_is_measured_upright() -> None:
    image = '<img src="../media/a.jpg" alt=""/>'
    boxes = [
        render_hotspots(make_hotspot("a", "circle", "5,5,2"), image, media__a_dot_jpg=make_jpeg(orientation=turn))[0]
        .find(".//svg").get("viewbox").split()[2:] for turn in (1, 6)
    ]
    assert boxes[0] == boxes[1][::-1]


CANARY = re.compile(r"CANARY[\w-]*")


@pytest.mark.parametrize("kind", GRAPHIC)
def test_nothing_of_a_key_leaves_with_a_graphic_item(kind: str) -> None:
    xml = name_item(kind).decode()
    names = re.findall(r' identifier="(g-\w+|hill|wood|town|lake|field|rest)"', xml)
    for name in set(names):
        xml = re.sub(rf"\b{name}\b(?!\.svg|<| of)", f"CANARY-{name}", xml)
    xml = xml.replace("<qti-hotspot-choice", '<qti-hotspot-choice fixed="CANARY" template-identifier="CANARY"')
    package = make_package({"task-01": xml.encode()}, make_assessment([make_position()]))
    sent = json.dumps(deliver(package, Variant("12345", ("task-01",)), 1).variant_json, ensure_ascii=False)
    assert CANARY.findall(sent) == []
    open_sent = json.dumps(deliver(package, Variant("12345", ("task-01",)), 1, redaction=False).variant_json)
    assert not names or CANARY.findall(open_sent)


def test_areas_of_points_are_not_delivered() -> None:
    for kind in ("select-point", "position-object"):
        page, data, _ = render(name_item(kind))
        assert not re.search(r"area|mapp|260|330", re.sub("[0-9a-f]{64}", "", data["html"]))
        assert len(page.find(".//svg")) == 0


def test_limits_and_places_travel_with_the_item() -> None:
    limits = {}
    for kind in GRAPHIC:
        page, data, _ = render(name_item(kind))
        (found,) = page.xpath("//*[@data-response]")
        limits[kind] = (found.get("data-max"), found.get("data-min"), data["interactions"][0].get("places"))
    assert limits == {
        "hotspot": ("2", "2", 2), "hotspot-one": ("1", "0", None), "select-point": ("2", "0", None),
        "graphic-gaps": ("0", "0", 4), "graphic-associate": ("3", "0", None), "graphic-order": ("0", "0", 4),
        "position-object": ("2", "0", None),
    }


def test_an_objects_own_centre_is_kept() -> None:
    item = name_item("position-object").replace(b'max-choices="2"', b'center-point="24 38"')
    page, _, _ = render(item)
    assert page.xpath("//@data-center") == ["24 38"]
    assert render(name_item("position-object"))[0].xpath("//@data-center") == ["24 20"]


def test_pictures_in_the_text_may_be_objects() -> None:
    body = '<p><object data="../media/island.svg" type="image/svg+xml">An island</object></p>'
    page, _, _ = render(make_item(body + make_graphic("select-point"), make_response(base_type="point")))
    assert [one.get("alt") for one in page.iter("img")] == ["An island", "Plan of an island"]


@pytest.mark.parametrize("body, message", [
    (make_graphic("hotspot", "", make_hotspot("a", "rect", "1,2,3")), "<qti-hotspot-choice>: coords '1,2,3' do not"),
    (make_graphic("hotspot", "", make_hotspot("a", "poly", "1,2,3,4")), "do not fit shape 'poly'"),
    (make_graphic("hotspot", "", make_hotspot("a", "star", "1,2,3,4")), "do not fit shape 'star'"),
    (make_graphic("hotspot", "", make_hotspot("a", "rect", "a,b,c,d")), "do not fit shape 'rect'"),
    (make_graphic("hotspot", "", make_hotspot("a", "rect", "9,9,9,20")), "enclose nothing"),
    (make_graphic("hotspot", "", make_hotspot("a", "circle", "900,9,5")), "outside the picture of 400 × 300"),
    (make_graphic("hotspot"), "has no regions"),
    (make_graphic("select-point", image=""), "<qti-select-point-interaction>: has no picture"),
    (make_graphic("select-point", "max-choices='many'"), "max-choices is 'many', not a count"),
    (make_graphic("position-object"), "stands outside a <qti-position-object-stage>"),
    (f"<qti-position-object-stage>{ISLAND_IMAGE}</qti-position-object-stage>", "has nothing to put on it"),
    (make_graphic("select-point", image='<object data="../media/a.wav"/>'), "is audio/wav, not a picture"),
    (make_graphic("select-point", choices="<p>And this?</p>"), "<p>: has no place in a <qti-select-point-interaction>"),
    (make_graphic("hotspot", "", make_spots("associable-hotspot", 'match-max="1"')), "has no place in a"),
])
def test_what_cannot_be_shown_whole_is_refused_with_element_and_reason(body: str, message: str) -> None:
    with pytest.raises(PackageError, match=re.escape(message)):
        render(make_item(body, make_response()), media__a_dot_wav=make_wav())


def test_a_picture_without_any_size_is_refused() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    with pytest.raises(PackageError, match="has no width and height"):
        render_hotspots("", '<img src="../media/a.svg" alt=""/>', media__a_dot_svg=drawing)


def test_a_foreign_element_in_a_stage_is_refused() -> None:
    with pytest.raises(UnsupportedElement):
        render(name_item("position-object").replace(b"</qti-position-object-stage>",
                                                    b"<p>x</p></qti-position-object-stage>"))
