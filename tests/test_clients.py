"""The tables of official clients in feedserver/clients.md, checked without a server."""

from tests.conformance.recorder import python_methods
from tests.conformance.servers import ROOT
from tests.conformance.tables import cells, read_table

CONFORMANCE = ROOT / "tests" / "conformance"


def test_table_has_all_python_methods():
    assert {cells(line)[0] for line in read_table("python")} == python_methods()


def test_python_table_names_existing_tests():
    source = (CONFORMANCE / "test_python.py").read_text()
    for line in read_table("python"):
        assert f"def {cells(line)[1]}(" in source


def test_javascript_table_names_existing_tests():
    for position, name in ((1, "secret"), (3, "user")):
        source = (CONFORMANCE / "javascript" / f"{name}.test.mjs").read_text()
        for line in read_table("javascript"):
            assert f"check('{cells(line)[position]}'" in source
