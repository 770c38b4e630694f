"""The site whose feeds are hosted: by a server in another process, behind a proxy that can fail.

Key, secret and address come from the environment, as everywhere, and are made up here.
"""

import os
import secrets

from tests.ports import free_port

os.environ["STREAM_API_KEY"] = "hosted"
os.environ["STREAM_API_SECRET"] = secrets.token_hex(32)
os.environ["STREAM_BASE_URL"] = f"http://localhost:{free_port()}"
# A proxy of the machine's is none of this.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1"

from socialnet.test_settings import *
