"""docker-compose.yml: a valid document whose variables, commands and files exist, and whose processes are not root."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

from tests.architecture.source import PACKAGES, ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "isotrack")
# What the images of others contain, by their documentation.
THEIRS = {
    "postgres:15": {"pg_isready"},
    "redis:7.0": {"redis-server", "redis-cli"},
    "axllent/mailpit:v1.31.3": {"/mailpit"},
}
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))


def words(command):
    """The words of a command or health check, ``CMD`` and ``CMD-SHELL`` left out."""
    parts = [part for part in command if part not in {"CMD", "CMD-SHELL"}]
    return parts[0].split() if len(parts) == 1 else parts


def commands(name):
    service = SERVICES[name]
    health = service.get("healthcheck", {}).get("test")
    return [words(command) for command in (service.get("command"), health) if command]


def test_the_document_follows_the_schema():
    checker = Path(sys.executable).with_name("check-jsonschema")
    arguments = [checker, "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    result = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stdout) == (0, "ok -- validation done\n")


def test_the_processes_are_those_of_the_architecture():
    assert sorted(SERVICES) == ["beat", "db", "mail", "migrate", "redis", "web", "worker"]
    assert OURS == ["beat", "migrate", "web", "worker"]


def test_only_the_migration_knows_the_owner_of_the_tables():
    assert [name for name in OURS if "ISOTRACK_OWNER_DATABASE_URL" in SERVICES[name]["environment"]] == ["migrate"]
    roles = {SERVICES[name]["environment"]["ISOTRACK_DATABASE_URL"].partition(":$")[0] for name in OURS}
    assert roles == {"postgres://isotrack_app"}
    assert SERVICES["db"]["environment"]["POSTGRES_USER"] == "isotrack"


def test_workers_can_be_scaled():
    assert [key for key in ("container_name", "ports", "hostname") if key in SERVICES["worker"]] == []


def test_every_variable_is_in_the_example():
    assert set(re.findall(r"\$\{([A-Z_]+)", TEXT)) == set(EXAMPLE)


def test_the_example_holds_no_secret():
    assert {name for name, value in EXAMPLE.items() if not value} == {
        "ISOTRACK_SECRET_KEY",
        "ISOTRACK_DATABASE_PASSWORD",
        "POSTGRES_PASSWORD",
    }


def test_every_variable_given_to_us_is_a_setting():
    known = set(re.findall(r'"(ISOTRACK_[A-Z_]+)"', (ROOT / "isotrack/settings.py").read_text()))
    assert {name for service in OURS for name in SERVICES[service]["environment"]} - known == set()


@pytest.mark.parametrize("name", OURS)
def test_our_commands_exist(name):
    for program, *rest in commands(name):
        assert shutil.which(program, path=f"{Path(sys.executable).parent}:/usr/bin") is not None
        if rest[:1] == ["manage.py"]:
            assert rest[1] in get_commands()
        elif program == "python":
            assert (ROOT / rest[0]).is_file()
        elif program == "celery":
            assert rest[:2] == ["-A", "isotrack"]
        elif program == "gunicorn":
            assert rest == ["isotrack.wsgi"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(OURS)))
def test_the_commands_of_others_exist(name):
    assert {command[0] for command in commands(name)} <= THEIRS[SERVICES[name]["image"]]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_process_is_watched(name):
    assert "test" in SERVICES[name]["healthcheck"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_process_is_root_or_may_become_it(name):
    service = SERVICES[name]
    user = service.get("user") or re.findall(r"^USER (\w+)$", (ROOT / "Dockerfile").read_text(), re.M)[-1]
    assert user.split(":")[0] not in {"root", "0"}
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])


def test_volumes_are_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_queue_is_kept_and_never_evicted():
    assert SERVICES["redis"]["command"][1:] == ["--appendonly", "yes", "--maxmemory-policy", "noeviction"]


KEPT = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.M)


def test_the_image_has_every_package_and_the_files_it_names():
    assert set(PACKAGES) - set(KEPT) == set()
    assert [name for name in KEPT if not (ROOT / name).exists()] == []


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_files_of_the_image_are_enough(tmp_path):
    image = tmp_path / "image"
    for name in KEPT:
        (image / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, image / name)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ISOTRACK_", "DJANGO_"))}
    settings = {"ISOTRACK_VAR_DIR": str(tmp_path / "var"), "ISOTRACK_STATIC_ROOT": str(image / "staticfiles")}
    for command in (["collectstatic", "--no-input", "--dry-run", "-v0"], ["check"], ["migrate", "-v0"], ["sweep"]):
        result = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=image,
            env=kept | settings | {"ISOTRACK_DATABASE_URL": f"sqlite:///{tmp_path}/database"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (command, result.returncode, result.stderr) == (command, 0, "")
