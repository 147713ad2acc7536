"""Asks the web process of this container whether every part is up; exits with 1 when it is not."""

import os
import sys
import urllib.request
from urllib.parse import urlsplit

host = urlsplit(os.environ["PUBLIC_URL"]).netloc
question = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
try:
    with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310 - our own process
        sys.exit(0 if answer.status == 200 else 1)
except OSError as error:
    sys.exit(f"not healthy: {error}")
