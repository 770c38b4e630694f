"""`python -m socialnet.environment` makes, once, the secrets that a first start needs.

They go into `.env` at the root of the checkout, which git ignores and only its owner can read.
Nothing that has a value there is changed.
"""

import secrets
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"
# Bytes of randomness of each.
SECRETS = {"SECRET_KEY": 50, "DEMO_PASSWORD": 9}


def write_missing_secrets(path=ENV_FILE):
    """Give each secret that `path` lacks a random value and return the names of these."""
    path.touch(mode=0o600)
    lines = path.read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    missing = [name for name in SECRETS if not values.get(name)]
    kept = [line for line in lines if line.partition("=")[0] not in missing]
    made = [f"{name}={secrets.token_urlsafe(SECRETS[name])}" for name in missing]
    if made:
        path.write_text("\n".join([*kept, *made, ""]))
    return missing


if __name__ == "__main__":
    write_missing_secrets()
