"""Every expression that may stand in an item, by the name of its element."""
from task_bank.scoring.arithmetic import ARITHMETIC
from task_bank.scoring.chance import CHANCE
from task_bank.scoring.comparisons import COMPARISONS
from task_bank.scoring.compilation import Operator
from task_bank.scoring.containers import CONTAINERS
from task_bank.scoring.logic import LOGIC
from task_bank.scoring.mathematics import MATHEMATICS
from task_bank.scoring.references import REFERENCES
from task_bank.scoring.texts import TEXTS

EXPRESSIONS: dict[str, Operator] = {
    **REFERENCES, **LOGIC, **CONTAINERS, **TEXTS, **COMPARISONS, **ARITHMETIC, **MATHEMATICS, **CHANCE,
}
