"""Every variable that is read is explained in `.env.example`, and nothing else is."""

import re

from django.conf import settings

READ = re.compile(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"")
EXPLAINED = re.compile(r"^([A-Z_]+)=", re.MULTILINE)


def test_each_variable_is_explained_once():
    read = READ.findall((settings.BASE_DIR / "socialnet" / "settings.py").read_text())
    explained = EXPLAINED.findall((settings.BASE_DIR / ".env.example").read_text())
    assert sorted(set(read)) == sorted(explained)


def test_each_variable_has_a_comment_above_its_group():
    text = (settings.BASE_DIR / ".env.example").read_text()
    for block in re.split(r"(?m)^# --- .*$", text)[1:]:
        assert block.strip().startswith("#"), block
