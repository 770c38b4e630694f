"""Every module of an app can be imported first: importing it does not depend on the order."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import django
import pytest

ROOT = Path(__file__).resolve().parents[1]


def modules_of(app):
    """Return the names of an app's modules, without tests and migrations."""
    files = [file.relative_to(ROOT).with_suffix("") for file in (ROOT / app).rglob("*.py")]
    names = [".".join(file.parts).removesuffix(".__init__") for file in files]
    return sorted(name for name in names if not {"tests", "migrations"} & {*name.split(".")})


def import_first(module):
    """Import a module in a fork of this process that has imported no other module of its app."""
    if pid := os.fork():
        os.waitpid(pid, 0)
        return
    app = module.partition(".")[0]
    for name in [name for name in sys.modules if name.startswith(f"{app}.")]:
        del sys.modules[name]
    try:
        importlib.import_module(module)
    except BaseException as error:
        print(f"{module}: {error!r}", flush=True)
    os._exit(0)


@pytest.mark.parametrize("app", ["feeds", "feedserver"])
@pytest.mark.slow
def test_modules_can_be_imported_first(app):
    assert len(modules_of(app)) > 10
    # Warnings are about models, which are registered again.
    command = [sys.executable, "-W", "ignore", "-m", "tests.test_imports", app]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    assert run.stdout == ""


if __name__ == "__main__":
    django.setup()
    for module in modules_of(sys.argv[1]):
        import_first(module)
