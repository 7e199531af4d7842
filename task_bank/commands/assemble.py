"""task-bank assemble: the variants of a school, reproducible by their seed."""
from pathlib import Path

import click

from task_bank.commands.printing import print_json, read_or_refuse
from task_bank.variants import BankTooSmall, TooManyVariants, UnequalPools, compare
from task_bank.variants import assemble as assemble_variants


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--school", required=True, help="Логин школы")
@click.option("--count", required=True, type=int, help="Сколько вариантов")
@click.option("--seed", required=True, type=int, help="Одно и то же число даёт одни и те же варианты")
@click.option("--least-pool", default=1, show_default=True, help="Сколько параллельных заданий нужно на позицию")
def assemble(path: Path, school: str, count: int, seed: int, least_pool: int) -> None:
    """Собрать варианты для школы: строка JSON на вариант, затем сравнение."""
    try:
        variants = assemble_variants(read_or_refuse(path).assessment, school, count, seed, least_pool)
    except (BankTooSmall, TooManyVariants, UnequalPools) as error:
        raise click.ClickException(str(error)) from error
    for variant in variants:
        print_json({"number": variant.number, "items": variant.items})
    print_json(compare(variants))
