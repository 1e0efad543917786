#!/usr/bin/env python
"""Command line entry of isotrack."""

import os
import sys


def main() -> None:
    """Run a management command; settings come from the environment (see docs/settings.md)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isotrack.settings")
    from django.core.management import execute_from_command_line  # after the settings module is named

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
