"""The vault: flipped bits are found, orphans go, the same file at once is kept once; on disk and in an S3 store."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import boto3
import pytest
from django.core.management import call_command
from django.db import connection
from moto.server import ThreadedMotoServer

from accounts import tenancy
from evidence import vault
from evidence.checking import collect, verify
from evidence.content import FileRefused
from evidence.models import Blob, Evidence
from nonconformities.models import Nonconformity
from tests.evidence.conftest import attached, kept
from tests.evidence.files import PDF
from tests.factories import certificate, nonconformity

DAY = 86_400


def old(path: Any, seconds: int = 2 * DAY) -> None:
    """Make a file as old as this."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_flipped_bit_in_each_of_a_hundred_files_is_found(nc, vault_folder):
    draw = random.Random(4)
    for number in range(100):
        attached(nc, content=PDF + draw.randbytes(draw.randrange(1, 3000)), name=f"{number}.pdf")
    assert verify(print).damaged == 0
    for path in vault_folder.rglob("*/*/*/*"):
        raw = bytearray(path.read_bytes())
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        path.write_bytes(raw)
    lines: list[str] = []
    found = verify(lines.append)
    assert (found.checked, found.damaged, len(lines)) == (100, 100, 100)


def test_the_command_names_the_document_and_ends_with_1(nc, vault_folder):
    found = attached(nc, title="Calibration")
    (vault_folder / found.current.blob.name).unlink()
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("evidence", "verify", stdout=out)
    assert ended.value.code == 1
    assert "missing; used by “Calibration” (calibration.pdf)" in out.getvalue()
    assert "1 files checked, 1 damaged" in out.getvalue()


def test_only_old_files_that_nothing_points_at_are_collected(nc, vault_folder, organization):
    attached(nc)
    folder = vault_folder / str(organization.pk) / "ab" / "cd"
    folder.mkdir(parents=True)
    orphan, fresh = folder / ("abcd" + "0" * 60), folder / ("abcd" + "1" * 60)
    dead = vault_folder / "incoming" / "tmp-dead"
    for path in (orphan, fresh, dead):
        path.write_bytes(b"x")
    for path in (orphan, dead, *(vault_folder / str(organization.pk)).rglob("*")):
        if path != fresh:
            old(path)
    assert collect(print, dry_run=True) == 1
    assert orphan.exists()
    assert collect(print) == 2
    assert (orphan.exists(), fresh.exists(), dead.exists(), verify(print).damaged) == (False, True, False, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_many_at_once_is_kept_once_and_never_lost(organization, vault_folder):
    with tenancy.acting_in(organization):
        rows = [nonconformity(organization, [certificate(organization)], "NC-1")]
    failures: list[BaseException] = []
    start = threading.Barrier(9)

    def upload() -> None:
        try:
            with tenancy.acting_in(organization):
                start.wait()
                for _ in range(3):
                    attached(Nonconformity.objects.get(pk=rows[0].pk))
        except BaseException as error:  # noqa: BLE001 (whatever went wrong is what the test asks for)
            failures.append(error)
        finally:
            connection.close()

    def tidy() -> None:
        start.wait()
        for _ in range(10):
            for path in vault_folder.rglob("*/*/*/*"):
                old(path) if path.exists() else None
            collect(lambda line: None)
        connection.close()

    threads = [threading.Thread(target=upload) for _ in range(8)] + [threading.Thread(target=tidy)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with tenancy.acting_in(organization):
        assert (Blob.objects.count(), Evidence.objects.count()) == (1, 24)
    found = verify(print)
    assert (found.checked, found.damaged) == (1, 0)


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """An S3-compatible store on this machine, spoken to over HTTP."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, settings: Any) -> Any:
    """The vault in a bucket of that store."""
    access = {"region_name": "eu-west-1", "aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = boto3.client("s3", endpoint_url=s3_server, **access)
    name = f"evidence-{time.time_ns()}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    options = {"bucket_name": name, "endpoint_url": s3_server, "region_name": "eu-west-1", "file_overwrite": True}
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**options, "access_key": "key", "secret_key": "secret", "default_acl": None},
        },
    }
    return client, name


def test_an_s3_store_keeps_hands_out_verifies_and_collects(nc, bucket, vault_folder, organization):
    client, name = bucket
    found = attached(nc)
    attached(nc)
    blob = found.current.blob
    listed = client.list_objects_v2(Bucket=name)["Contents"]
    assert [entry["Key"] for entry in listed] == [blob.name]
    assert kept(vault_folder) == []  # nothing stays on this machine
    with vault.opened(blob) as stream:
        assert stream.read() == PDF
    client.put_object(Bucket=name, Key=f"{organization.pk}/ab/cd/abcd{'0' * 60}", Body=b"x")
    assert sorted(vault.names(organization.pk)) == sorted([blob.name, f"{organization.pk}/ab/cd/abcd{'0' * 60}"])
    assert collect(print) == 0  # it is not a day old
    client.put_object(Bucket=name, Key=blob.name, Body=b"changed")
    assert verify(print).damaged == 1
    client.delete_object(Bucket=name, Key=blob.name)
    with pytest.raises(vault.Damaged, match="missing"):
        vault.opened(blob)
    attached(nc)
    assert verify(print).damaged == 0


def test_a_store_that_does_not_answer_refuses_the_file(nc, settings):
    options = {"bucket_name": "x", "endpoint_url": "http://127.0.0.1:1", "region_name": "eu-west-1"}
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**options, "access_key": "key", "secret_key": "secret"},
        },
    }
    with pytest.raises(FileRefused, match="cannot be reached"):
        attached(nc)
    assert Evidence.objects.count() == 0
