"""What RUNBOOK.md lists is what there is: metrics, lines of the log, alarms."""

from __future__ import annotations

import re

from collaboration.telemetry import MORE_DIMENSIONS, SECONDS, Metric
from support.template import PROJECT

RUNBOOK = (PROJECT / "RUNBOOK.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the table whose first column has this title, without its head."""
    table = re.search(rf"^\| {title} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", RUNBOOK, re.MULTILINE)
    assert table, title
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in table.group(1).splitlines()]


def test_every_metric_is_listed_with_unit_and_dimensions() -> None:
    """No more, no less; each says what it means."""
    listed = {name.strip("`"): (unit, more.strip("`"), meaning) for name, unit, more, meaning in rows("metric")}
    assert set(listed) == set(Metric)
    for metric in Metric:
        unit, more, meaning = listed[metric]
        assert unit == ("Seconds" if metric in SECONDS else "Count"), metric
        assert more == MORE_DIMENSIONS.get(metric, ""), metric
        assert meaning, metric


def test_every_line_of_the_log_is_listed() -> None:
    """Each message that the code writes is explained, at a level that it has."""
    code = "".join(path.read_text(encoding="utf-8") for path in PROJECT.glob("shared/collaboration/**/*.py"))
    code += "".join(path.read_text(encoding="utf-8") for path in PROJECT.glob("functions/*/app.py"))
    messages = re.findall(r"log\.write\(\s*Level\.[A-Z]+(?: if counts else Level\.DEBUG)?, \"([a-z ]+)\"", code)
    assert len(re.findall(r"log\.write\(", code)) == len(messages)
    assert {name.strip("`") for name, *_ in rows("line")} == set(messages)
