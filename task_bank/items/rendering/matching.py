"""HTML of the match interaction: a table of marks when the columns are short, else a list with selects.

Rows are the first set (what is asked about), columns the second (what is put to it).
"""
from lxml import etree

from task_bank.items.rendering.context import RenderContext, make
from task_bank.items.rendering.flow import append_content, render_into
from task_bank.items.rendering.interaction_parts import make_group, read_count, read_limits
from task_bank.items.xml import PackageError, find_children, read_text

TABLE_COLUMNS = 6
TABLE_CHARACTERS = 100

Named = list[tuple[str, etree._Element]]


def render_match(node: etree._Element, context: RenderContext) -> etree._Element:
    """Associate rows with columns. Raises PackageError when there are not exactly two sets."""
    sets = find_children(node, "qti-simple-match-set")
    if len(sets) != 2:
        raise PackageError(context.file, "needs exactly two sets", node)
    group = make_group("qti-match", "match", node, context)
    group.attrib.update(read_limits(node, "associations", context))
    rows, columns = (_name_choices(one, node, context) for one in sets)
    as_table = _fits_table(node, rows, columns)
    group.set("data-layout", "table" if as_table else "list")
    _count_places(group, rows, columns, context)
    build = _build_table if as_table else _build_list
    for part in build(rows, columns, context):
        group.append(part)
    return group


def _count_places(group: etree._Element, rows: Named, columns: Named, context: RenderContext) -> None:
    """One pair for each row, where rows take one each and the columns suffice."""
    counts = [read_count(choice, "match-max", 1, context) for _, choice in [*rows, *columns]]
    if all(count == 1 for count in counts[:len(rows)]):
        offered = counts[len(rows):]
        room = len(rows) if 0 in offered else sum(offered)
        context.count_places(min(len(rows), room, int(group.get("data-max", "0")) or len(rows)))


def _name_choices(one: etree._Element, node: etree._Element, context: RenderContext) -> Named:
    choices = find_children(one, "qti-simple-associable-choice")
    ordered = choices if node.get("shuffle") == "false" else context.shuffle(choices)
    return [(context.identifiers.name_choice(choice.get("identifier", "")), choice) for choice in ordered]


def _fits_table(node: etree._Element, rows: Named, columns: Named) -> bool:
    if "qti-match-tabular" in node.get("class", "").split():
        return True
    if any(choice.get("match-max", "1") != "1" for _, choice in rows):
        return True
    if any(len(choice) for _, choice in columns):
        return len(columns) <= 4
    texts = [read_text(choice) for _, choice in columns]
    return len(texts) <= TABLE_COLUMNS and sum(map(len, texts)) <= TABLE_CHARACTERS


def _build_table(rows: Named, columns: Named, context: RenderContext) -> list[etree._Element]:
    head = make("tr", {}, make("td"))
    for opaque, choice in columns:
        attributes = {"scope": "col", **_describe(opaque, choice, context)}
        head.append(render_into(make("th", attributes), choice, context))
    body = make("tbody")
    for opaque, choice in rows:
        attributes = {"scope": "row", **_describe(opaque, choice, context)}
        line = make("tr", {}, render_into(make("th", attributes), choice, context))
        line.extend([_make_cell(opaque, choice, column, context) for column, _ in columns])
        body.append(line)
    table = make("table", {"class": "qti-match-table"}, make("thead", {}, head), body)
    return [make("div", {"class": "qti-match-scroll"}, table)]


def _make_cell(row: str, choice: etree._Element, column: str, context: RenderContext) -> etree._Element:
    item = context.identifiers.item
    kind = "radio" if choice.get("match-max", "1") == "1" else "checkbox"
    labels = f"{item}-{row} {item}-{column}"
    attributes = {"type": kind, "name": f"{item}-{row}", "value": f"{row} {column}"}
    attributes["aria-labelledby"] = labels
    return make("td", {}, make("label", {"class": "qti-cell"}, make("input", attributes)))


def _build_list(rows: Named, columns: Named, context: RenderContext) -> list[etree._Element]:
    offered = make("ol", {"class": "qti-match-columns"})
    for opaque, choice in columns:
        offered.append(render_into(make("li", _describe(opaque, choice, context)), choice, context))
    asked = make("div", {"class": "qti-match-rows"})
    for opaque, choice in rows:
        asked.append(_make_row(opaque, choice, columns, context))
    return [offered, asked]


def _make_row(row: str, choice: etree._Element, columns: Named, context: RenderContext) -> etree._Element:
    described = _describe(row, choice, context)
    holder = make("div", {"class": "qti-match-text", "id": described.pop("id")})
    text = append_content(holder, choice, context)
    select = make("select", {"aria-labelledby": text.get("id", "")})
    select.append(make("option", {"value": ""}, "—"))
    for number, (column, offered) in enumerate(columns, 1):
        select.append(make("option", {"value": f"{row} {column}"}, f"{number}. {read_text(offered)}"))
    return make("div", {"class": "qti-match-row", **described}, text, select)


def _describe(opaque: str, choice: etree._Element, context: RenderContext) -> dict[str, str]:
    name = f"{context.identifiers.item}-{opaque}"
    return {"id": name, "data-choice": opaque, "data-max": choice.get("match-max", "1")}
