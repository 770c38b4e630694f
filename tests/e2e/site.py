"""The running site and its browser, for tests, screenshots and benchmarks."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

from django.conf import settings

from tests.ports import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LAUNCH = {
    "executable_path": CHROMIUM,
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
}


class Site:
    """The site in separate processes, as `manage.py start` runs them.

    Its environment variables have values for tests, which `environment` overrides.
    """

    def __init__(self, folder, **environment):
        self.folder = folder
        self.changes = environment
        self.password = "for browser tests only"
        self.port, self.foreign_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.output = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "start"],
            cwd=settings.BASE_DIR,
            env=self.environment(),
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.wait_until_ready()
        return self

    def __exit__(self, *exception):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=20)
        self.output.close()

    def environment(self):
        return {
            **{
                name: value
                for name, value in os.environ.items()
                if name != "DJANGO_SETTINGS_MODULE"
            },
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{self.folder / 'site.sqlite3'}",
            "REDIS_URL": "",
            "EMAIL_URL": "consolemail://",
            "DEMO_PASSWORD": self.password,
            "AVATAR_URL_TEMPLATE": "",
            "FEED_PAGE_SIZE": "25",
            "FEED_POLL_SECONDS": "1",
            "NOTIFICATIONS_POLL_SECONDS": "1",
            "LINKS_PER_HOUR": "1000",
            "PREVIEWS_TRUSTED_ADDRESSES": f"127.0.0.1:{self.foreign_port}",
            # Everyone whom tests create is on the first page of a list.
            "RESULTS_PER_PAGE": "500",
            **self.changes,
        }

    def wait_until_ready(self, seconds=180):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            try:
                urllib.request.urlopen(self.url, timeout=5)
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError(f"the site did not answer in {seconds} s:\n{self.log()}")

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def shell(self, code):
        """Run `code` in a separate process on this site's database, and return its output."""
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code]
        answer = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment(), check=True, capture_output=True
        )
        return answer.stdout.decode().strip()

    def mailed_link(self, pattern):
        """Wait for mail with an address that matches `pattern`; return the newest one."""
        for _ in range(100):
            links = re.findall(rf"http://\S*{pattern}\S*", self.log())
            if links:
                return links[-1]
            time.sleep(0.1)
        raise AssertionError(f"no mail with {pattern}:\n{self.log()[-2000:]}")
