"""What the report and the command say in Russian."""
from task_bank.variants.portions import Lack

REASONS = {
    "school": "столько нужно каждой школе",
    "neighbours": "чтобы соседи по кабинету получили разные задания",
    "exposure": "чтобы соблюсти предел использования заданий",
    "zones": "чтобы у далёких часовых поясов не было общих заданий",
}
REASONS_IN_ENGLISH = {
    "school": "every school needs so many",
    "neighbours": "so that neighbours in a room get different items",
    "exposure": "to keep to the exposure limit",
    "zones": "so that far-apart time zones share no items",
}


def say_lack(lack: Lack) -> str:
    """позиция 3 (кодификатор 3.1; П): заданий 4, нужно 12, не хватает 8 – чтобы…"""
    word = "позиция" if len(lack.positions) == 1 else "позиции"
    asked = [f"кодификатор {', '.join(lack.codes)}"] if lack.codes else []
    asked.append(", ".join(lack.difficulties))
    if lack.unfit:
        asked.append(f"не подходят: {', '.join(lack.unfit)}")
    return (f"{word} {', '.join(map(str, lack.positions))} ({'; '.join(asked)}): заданий {lack.has}, "
            f"нужно {lack.needs}, не хватает {lack.missing} – {REASONS[lack.reason]}")
