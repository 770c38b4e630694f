"""The examples of feedserver/README.md work as printed."""

import re
import subprocess
import sys

import pytest
import stream

from tests.conformance.conftest import JAVASCRIPT
from tests.conformance.servers import ROOT

README = ROOT / "feedserver" / "README.md"
SECONDS = 60


def example(heading, language):
    """Return the code of the first block after a heading; it has at most ten lines."""
    code = re.search(rf"^#+ {heading}$.*?```{language}\n(.*?)```", README.read_text(), re.M | re.S)
    assert len([line for line in code[1].splitlines() if line]) <= 10
    return code[1]


def run(command, code, server):
    code = code.replace("my-key", server.key).replace("…the secret…", server.secret)
    code = code.replace("http://localhost:8000", server.address)
    done = subprocess.run(
        [*command, code], cwd=JAVASCRIPT, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server_client(server):
    return stream.connect(server.key, server.secret, base_url=server.address)


def test_python_example(server, server_client):
    assert run([sys.executable, "-c"], example("From Python", "python"), server) == (
        "Ana post photo:1\n"
    )
    assert server_client.feed("timeline", "ben").get()["results"] == []


def test_javascript_example(server, server_client):
    server_client.feed("user", "ana").add_activity(
        {"actor": "ana", "verb": "post", "object": "x:1"}
    )
    token = f"const token = '{server_client.create_user_token('ben')}';\n"
    node = ["node", "--dns-result-order=ipv4first", "--input-type=module", "-e"]
    assert "ana post x:1" in run(node, token + example("From JavaScript", "js"), server)
    (liked,) = server_client.reactions.filter(user_id="ben")["results"]
    assert liked["kind"] == "like"
