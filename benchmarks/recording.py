"""A feed server that records the requests of all processes in order."""

import json
import os
from urllib.parse import unquote, urlsplit

from feedserver.transport import FeedServerAdapter


class RecordingAdapter(FeedServerAdapter):
    """A transport that appends each change of a feed to the file RECORDING before sending it.

    A line has the process id, the feed, the operation, and the foreign ids of the activities.
    """

    def send(self, request, **kwargs):
        parts = unquote(urlsplit(request.url).path).strip("/").split("/")[3:]
        if request.method == "POST" and len(parts) == 2:
            activities = json.loads(request.body).get("activities", [])
            self.record(parts, "add", [row["foreign_id"] for row in activities])
        elif request.method == "DELETE" and len(parts) == 3:
            self.record(parts, "remove", parts[2:])
        return super().send(request, **kwargs)

    def record(self, feed, operation, names):
        line = json.dumps([os.getpid(), ":".join(feed[:2]), operation, names]) + "\n"
        file = os.open(os.environ["RECORDING"], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        try:
            os.write(
                file, line.encode()
            )  # one write, so that lines of several processes do not mix
        finally:
            os.close(file)
