from socialnet.environment import write_missing_secrets


def test_secrets_are_written_once(tmp_path):
    path = tmp_path / ".env"
    assert write_missing_secrets(path) == ["SECRET_KEY", "DEMO_PASSWORD"]
    text = path.read_text()
    assert write_missing_secrets(path) == []
    assert path.read_text() == text


def test_file_is_private(tmp_path):
    path = tmp_path / ".env"
    write_missing_secrets(path)
    assert path.stat().st_mode & 0o077 == 0


def test_empty_values_are_filled(tmp_path):
    path = tmp_path / ".env"
    path.write_text("SITE_NAME=Mine\nSECRET_KEY=given\nDEMO_PASSWORD=\n")
    assert write_missing_secrets(path) == ["DEMO_PASSWORD"]
    lines = path.read_text().splitlines()
    assert lines[:2] == ["SITE_NAME=Mine", "SECRET_KEY=given"]
    assert len(lines) == 3
    assert lines[2].startswith("DEMO_PASSWORD=")
