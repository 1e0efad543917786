"""Settings of the test runs: the product's own, with files in a temporary place and fast passwords.

``ISOTRACK_DATABASE_URL`` chooses the database; without it the tests run on SQLite in memory. Nothing else of the
machine's configuration reaches a test.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for name in [name for name in os.environ if name.startswith("ISOTRACK_")]:
    if name not in {"ISOTRACK_DATABASE_URL", "ISOTRACK_VAR_DIR", "ISOTRACK_REQUIRE"} and "_TEST_" not in name:
        del os.environ[name]
os.environ["ISOTRACK_ENV_FILE"] = os.devnull
# The browser's driver keeps an event loop in the thread of the tests; the tests themselves are plain functions.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
if "ISOTRACK_VAR_DIR" not in os.environ:
    os.environ["ISOTRACK_VAR_DIR"] = tempfile.mkdtemp(prefix="isotrack-tests-")
    atexit.register(shutil.rmtree, os.environ["ISOTRACK_VAR_DIR"], ignore_errors=True)

from isotrack.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # looked up when asked for; not every client of a test reads all files anew
SESSION_COOKIE_AGE = SESSION_IDLE_SECONDS = 20 * 365 * 86400  # tests move the clock by years
API_REQUESTS_PER_MINUTE = 10**9
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405
