"""What docs/feedserver.md tells of the official clients, as far as it shows without a server."""

from tests.conformance.recorder import python_methods
from tests.conformance.servers import ROOT
from tests.conformance.tables import cells, read_table

CONFORMANCE = ROOT / "tests" / "conformance"


def test_every_method_of_the_installed_python_client_is_in_the_table():
    assert {cells(line)[0] for line in read_table("python")} == python_methods()


def test_every_test_in_the_table_of_the_python_client_exists():
    source = (CONFORMANCE / "test_python.py").read_text()
    for line in read_table("python"):
        assert f"def {cells(line)[1]}(" in source


def test_every_test_in_the_table_of_the_javascript_client_exists():
    for position, name in ((1, "secret"), (3, "user")):
        source = (CONFORMANCE / "javascript" / f"{name}.test.mjs").read_text()
        for line in read_table("javascript"):
            assert f"check('{cells(line)[position]}'" in source
