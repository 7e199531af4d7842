"""Expressions about containers and records: collecting, counting, picking, looking inside."""
from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator, of_all, of_one, of_two
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, are_equal, fields_of, has_all, of_boolean, of_number

MOST_ATOMS = 10_000


def collect(cardinality: str, values: list[Value]) -> Value:
    """A container of all values given; NULLs are left out."""
    filled = [value for value in values if value.atoms]
    atoms = tuple(atom for value in filled for atom in value.atoms)
    return Value(cardinality, filled[0].base_type if filled else "", atoms)


def count(value: Value) -> Value:
    """containerSize: 0 for NULL."""
    return of_number(len(value.atoms), "integer")


def is_member(one: Value, container: Value) -> Value:
    """member: whether the first value is in the second container."""
    if not one.atoms or not container.atoms:
        return NULL
    return of_boolean(len(one.atoms) == 1 and any(are_equal(one.atoms[0], atom) for atom in container.atoms))


def delete(one: Value, container: Value) -> Value:
    """delete: the second container without every occurrence of the first value."""
    if not one.atoms or not container.atoms:
        return NULL
    return container._replace(atoms=tuple(atom for atom in container.atoms if not are_equal(one.atoms[0], atom)))


def contains(whole: Value, part: Value) -> Value:
    """contains: the second container lies in the first; of an ordered one, as a run of neighbours."""
    if not whole.atoms or not part.atoms:
        return NULL
    if whole.cardinality != "ordered":
        return of_boolean(has_all(whole.atoms, part.atoms))
    size = len(part.atoms)
    runs = (whole.atoms[at:at + size] for at in range(len(whole.atoms) - size + 1))
    return of_boolean(any(all(map(are_equal, run, part.atoms)) for run in runs))


def build_index(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """index: the n-th value, counted from 1; NULL outside."""
    container, place = operands[0], compilation.measure_whole(node, "n")

    def evaluate(scope: Scope) -> Value:
        value, at = container(scope), place(scope)
        if at is None or not 1 <= at <= len(value.atoms):
            return NULL
        return Value("single", value.base_type, (value.atoms[at - 1],))

    return evaluate


def build_field_value(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """fieldValue: a field of a record; NULL where there is none."""
    record, name = operands[0], node.get("field-identifier", "")
    if not name:
        raise compilation.error(node, "has no field-identifier")
    return lambda scope: fields_of(record(scope)).get(name, NULL)


def build_repeat(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """repeat: the values as often as asked, evaluated anew each time, as an ordered container; NULL below one."""
    times = compilation.measure_whole(node, "number-repeats")
    error = compilation.spot(node)

    def evaluate(scope: Scope) -> Value:
        wanted = times(scope)
        if wanted is None or wanted < 1:
            return NULL
        if wanted * len(operands) > MOST_ATOMS:
            raise error(f"gives more than {MOST_ATOMS} values")
        return collect("ordered", [operand(scope) for _ in range(wanted) for operand in operands])

    return evaluate


CONTAINERS = {
    "qti-multiple": of_all(lambda values: collect("multiple", values), 0),
    "qti-ordered": of_all(lambda values: collect("ordered", values), 0),
    "qti-container-size": of_one(count),
    "qti-member": of_two(is_member),
    "qti-delete": of_two(delete),
    "qti-contains": of_two(contains),
    "qti-index": Operator(build_index, 1, 1),
    "qti-field-value": Operator(build_field_value, 1, 1),
    "qti-repeat": Operator(build_repeat, 1),
}
