"""The tables in docs/feedserver.md tell what the tests of this run did, of every public method.

After a change `TABLES=write make conformance` writes them anew.
"""

import os

from tests.conformance.recorder import python_methods
from tests.conformance.tables import one_for_both, read_table, table_of, write_table


def check(name, table):
    if os.environ.get("TABLES") == "write":
        write_table(name, table)
    assert read_table(name) == table


def test_every_method_of_the_python_client_is_told_of(records):
    for kind in ("sync", "async"):
        assert {row.method for row in records if row.client == kind} == python_methods()
    check("python", table_of(one_for_both(records), ["both"]))


def test_both_python_clients_are_answered_alike(records):
    synchronous, asynchronous = (
        {row[1:] for row in records if row.client == kind} for kind in ("sync", "async")
    )
    assert synchronous == asynchronous


def test_every_method_of_the_javascript_client_is_told_of(javascript):
    _, records, methods = javascript
    for kind in ("secret", "user"):
        called = {row.method for row in records if row.client == kind}
        assert methods - called == set()
    check("javascript", table_of(records, ["secret", "user"]))
