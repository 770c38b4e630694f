"""Pages and bookmark files that were once read wrongly, with the right answers."""

import json
from pathlib import Path

import pytest

from previews.addresses import Rules
from previews.encodings import decode
from previews.fetching import Fetcher
from previews.pages import describe_page
from previews.services import PAGE
from previews.tests.servers import serving

CASES = Path(__file__).parents[2] / "tests/cases/links"
FINDINGS = {"L3", "L4", "L5", "L6", "L7", "L16"}


def cases(how):
    found = json.loads((CASES / "cases.json").read_text())
    chosen = [case for case in found if case["how"] == how and case["finding"] in FINDINGS]
    return [pytest.param(case["file"], case["right"], id=case["file"]) for case in chosen]


@pytest.mark.parametrize("size", [100_000, 7])
@pytest.mark.parametrize(("file", "right"), cases("page"))
def test_page_case_is_described(file, right, size):
    answer = (CASES / file).read_bytes()
    size = max(size, len(answer) // 1000)
    pieces = [answer[index : index + size] for index in range(0, len(answer), size)]
    with serving({"/": pieces}) as site:
        rules = Rules(trusted=frozenset({site.server_address}))
        url = f"http://127.0.0.1:{site.server_address[1]}/"
        found = describe_page(Fetcher(rules).fetch(url, PAGE))
    assert {name: found.get(name) for name in right} == right


@pytest.mark.parametrize(("file", "right"), cases("bookmark file"))
def test_bookmark_file_case_is_decoded(file, right):
    text = decode((CASES / file).read_bytes())
    for link in right:
        assert link["title"] in text
