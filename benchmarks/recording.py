"""What processes tell the feed server, written down in the order in which they do."""

import json
import os
from urllib.parse import unquote, urlsplit

from feedserver.transport import FeedServerAdapter


class RecordingAdapter(FeedServerAdapter):
    """Append a line to the file RECORDING for each change of a feed, then pass it on.

    A line has the process, the feed, what is done, and the foreign ids of the activities.
    """

    def send(self, request, **kwargs):
        parts = unquote(urlsplit(request.url).path).strip("/").split("/")[3:]
        if request.method == "POST" and len(parts) == 2:
            activities = json.loads(request.body).get("activities", [])
            self.record(parts, "add", [row["foreign_id"] for row in activities])
        elif request.method == "DELETE" and len(parts) == 3:
            self.record(parts, "remove", parts[2:])
        return super().send(request, **kwargs)

    def record(self, feed, act, names):
        line = json.dumps([os.getpid(), ":".join(feed[:2]), act, names]) + "\n"
        file = os.open(os.environ["RECORDING"], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        try:
            os.write(file, line.encode())  # one write: lines of several processes stay whole
        finally:
            os.close(file)
