"""The tables in docs/feedserver.md: each public method, the test that calls it, and its result."""

import itertools

from tests.conformance.recorder import WORKS
from tests.conformance.servers import ROOT

DOCUMENT = ROOT / "docs" / "feedserver.md"
HEADINGS = {"python": "| Python method |", "javascript": "| JavaScript method |"}


def table_of(records, kinds):
    """Return a line for each method: its name, then for each of `kinds` a test and its result.

    A method that works in one test and is refused in another works: the first test by name that
    shows so is told.
    """
    best = {}
    for record in sorted(records, key=lambda row: (row.result != WORKS, row.test)):
        best.setdefault((record.method, record.client), record)
    lines = []
    for method in sorted({record.method for record in records}):
        told = [best[method, kind] for kind in kinds if (method, kind) in best]
        cells = [cell for row in told for cell in (row.test, row.result)]
        lines.append(f"| {' | '.join([f'`{method}`', *cells])} |")
    return lines


def one_for_both(records):
    """Return the records of two clients that are called by the same tests, as those of one."""
    return {record._replace(client="both") for record in records}


def read_table(name):
    """Return the lines of a table in the document."""
    lines = iter(DOCUMENT.read_text().splitlines())
    for line in lines:
        if line.startswith(HEADINGS[name]):
            next(lines)
            return list(itertools.takewhile(bool, lines))
    raise AssertionError(f"{DOCUMENT.name} has no table of {name}.")


def write_table(name, table):
    """Put `table` in the place of the one in the document."""
    before = "\n".join(read_table(name))
    DOCUMENT.write_text(DOCUMENT.read_text().replace(before, "\n".join(table)))


def cells(line):
    return [cell.strip(" `") for cell in line.strip("|").split("|")]
