"""`.env.example` documents exactly the variables that settings.py reads."""

import re

from django.conf import settings

READ = re.compile(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"")
DOCUMENTED = re.compile(r"^([A-Z_]+)=", re.MULTILINE)


def test_each_variable_is_documented_once():
    read = READ.findall((settings.BASE_DIR / "socialnet" / "settings.py").read_text())
    documented = DOCUMENTED.findall((settings.BASE_DIR / ".env.example").read_text())
    assert sorted(set(read)) == sorted(documented)


def test_each_section_starts_with_comment():
    text = (settings.BASE_DIR / ".env.example").read_text()
    for block in re.split(r"(?m)^# --- .*$", text)[1:]:
        assert block.strip().startswith("#"), block
