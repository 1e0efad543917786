"""The services that some tests need are known to every run."""

pytest_plugins = ["tests.services"]
