from socialnet.environment import write_missing_secrets


def test_secrets_are_made_once(tmp_path):
    path = tmp_path / ".env"
    assert write_missing_secrets(path) == ["SECRET_KEY", "DEMO_PASSWORD"]
    text = path.read_text()
    assert write_missing_secrets(path) == []
    assert path.read_text() == text


def test_only_the_owner_can_read_them(tmp_path):
    path = tmp_path / ".env"
    write_missing_secrets(path)
    assert path.stat().st_mode & 0o077 == 0


def test_what_has_a_value_is_kept_and_what_is_empty_is_filled(tmp_path):
    path = tmp_path / ".env"
    path.write_text("SITE_NAME=Mine\nSECRET_KEY=given\nDEMO_PASSWORD=\n")
    assert write_missing_secrets(path) == ["DEMO_PASSWORD"]
    lines = path.read_text().splitlines()
    assert lines[:2] == ["SITE_NAME=Mine", "SECRET_KEY=given"]
    assert len(lines) == 3
    assert lines[2].startswith("DEMO_PASSWORD=")
