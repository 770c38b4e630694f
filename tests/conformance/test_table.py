"""The tables in feedserver/clients.md have every public method and the results of this run.

After a change `TABLES=write make conformance` rewrites them.
"""

import os

from tests.conformance.recorder import python_methods
from tests.conformance.tables import one_for_both, read_table, table_of, write_table


def check(name, table):
    if os.environ.get("TABLES") == "write":
        write_table(name, table)
    assert read_table(name) == table


def test_python_table(records):
    for kind in ("sync", "async"):
        assert {row.method for row in records if row.client == kind} == python_methods()
    check("python", table_of(one_for_both(records), ["both"]))


def test_sync_and_async_results_equal(records):
    synchronous, asynchronous = (
        {row[1:] for row in records if row.client == kind} for kind in ("sync", "async")
    )
    assert synchronous == asynchronous


def test_javascript_table(javascript):
    _, records, methods = javascript
    for kind in ("secret", "user"):
        called = {row.method for row in records if row.client == kind}
        assert methods - called == set()
    check("javascript", table_of(records, ["secret", "user"]))
