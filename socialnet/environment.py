"""Secrets of a new installation: `python -m socialnet.environment` writes them into `.env`.

The file is in the root of the checkout, is ignored by git, and only its owner can read it. Existing
values are kept.
"""

import secrets
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"
# Random bytes of each secret.
SECRETS = {"SECRET_KEY": 50, "DEMO_PASSWORD": 9}


def write_missing_secrets(path=ENV_FILE):
    """Add a random value for each secret missing from `path`; return the names of those added."""
    path.touch(mode=0o600)
    lines = path.read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    missing = [name for name in SECRETS if not values.get(name)]
    kept = [line for line in lines if line.partition("=")[0] not in missing]
    added = [f"{name}={secrets.token_urlsafe(SECRETS[name])}" for name in missing]
    if added:
        path.write_text("\n".join([*kept, *added, ""]))
    return missing


if __name__ == "__main__":
    write_missing_secrets()
