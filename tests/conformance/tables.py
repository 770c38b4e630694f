"""The tables in feedserver/clients.md: each public method, a test that calls it, and its result."""

import itertools

from tests.conformance.recorder import WORKS
from tests.conformance.servers import ROOT

DOCUMENT = ROOT / "feedserver" / "clients.md"
HEADINGS = {"python": "| Python method |", "javascript": "| JavaScript method |"}


def table_of(records, kinds):
    """Return a line for each method: its name, then a test and its result for each of `kinds`.

    A method works if it works in any test; the first such test by name is listed.
    """
    best = {}
    for record in sorted(records, key=lambda row: (row.result != WORKS, row.test)):
        best.setdefault((record.method, record.client), record)
    lines = []
    for method in sorted({record.method for record in records}):
        rows = [best[method, kind] for kind in kinds if (method, kind) in best]
        cells = [cell for row in rows for cell in (row.test, row.result)]
        lines.append(f"| {' | '.join([f'`{method}`', *cells])} |")
    return lines


def one_for_both(records):
    """Return the records of two clients that run the same tests as the records of one."""
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
    """Replace a table in the document by `table`."""
    before = "\n".join(read_table(name))
    DOCUMENT.write_text(DOCUMENT.read_text().replace(before, "\n".join(table)))


def cells(line):
    return [cell.strip(" `") for cell in line.strip("|").split("|")]
