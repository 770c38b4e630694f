"""The tables in feedserver/clients.md, as far as they can be checked without a server."""

from tests.conformance.recorder import python_methods
from tests.conformance.servers import ROOT
from tests.conformance.tables import cells, read_table

CONFORMANCE = ROOT / "tests" / "conformance"


def test_table_has_every_python_method():
    assert {cells(line)[0] for line in read_table("python")} == python_methods()


def test_python_tests_in_table_exist():
    source = (CONFORMANCE / "test_python.py").read_text()
    for line in read_table("python"):
        assert f"def {cells(line)[1]}(" in source


def test_javascript_tests_in_table_exist():
    for position, name in ((1, "secret"), (3, "user")):
        source = (CONFORMANCE / "javascript" / f"{name}.test.mjs").read_text()
        for line in read_table("javascript"):
            assert f"check('{cells(line)[position]}'" in source
