"""Ends with 0 when the web server of this container answers /healthz; the container's health check."""

import http.client
import os
import sys

host = os.environ.get("ISOTRACK_ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".").replace("*", "localhost")
port = int(os.environ.get("ISOTRACK_WEB_BIND", "127.0.0.1:8000").rpartition(":")[2])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
connection.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
sys.exit(connection.getresponse().status != 200)
