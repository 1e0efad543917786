#!/usr/bin/env python3
"""Verify an exported history without the product that wrote it. One file, Python 3.9 or later, nothing to install.

    manage.py history export --organization halden > history.jsonl
    python3 verify_history.py history.jsonl [--heads heads.json] [--key KEY_ID]

Exit code 0: every entry is as it was written, and every head fits. 1: the first bad entry is named. 2: unreadable.
``--self-test VECTORS.json`` checks this file itself against the published test vectors.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

START = "0" * 64
PUBLIC = [
    *("organization_id", "number", "recorded_at", "actor_kind", "actor_id", "via_key", "kind", "subject_type"),
    *("subject_id", "effective_on", "rule", "because", "key", "request_id"),
]
PRIVATE = {"who": ["actor_label"], "what": ["subject_label", "reason", "before", "after"]}


class Bad(Exception):
    """The first bad entry."""


def canonical(values: Any) -> str:
    """JSON without spaces, names in order, letters as they are."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha(text: str) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest(entry: dict[str, Any], part: str) -> str:
    """The digest of a part that may be erased: worked out, or what is left of it."""
    seal: str = entry[part + "_seal"]
    if len(seal) == 64:
        return seal
    return sha(seal + "|" + canonical([entry[name] for name in PRIVATE[part]]))


def hash_of(entry: dict[str, Any]) -> str:
    """The hash that an entry must carry."""
    values = [entry[name] for name in PUBLIC] + [digest(entry, "who"), digest(entry, "what")]
    return sha("v1|" + entry["previous_hash"] + "|" + canonical(values))


def check_one(entry: dict[str, Any], number: int, last: str, heads: dict[int, str]) -> None:
    """Refuse an entry that is not the next one, not as it was written, or not what was published."""
    found = entry["number"]
    if found != number + 1:
        raise Bad(f"entry {number + 1}: missing" if found > number else f"entry {found}: there twice")
    if hash_of(entry) != entry["hash"]:
        raise Bad(f"entry {found}: changed after it was written")
    if entry["previous_hash"] != last:
        raise Bad(f"entry {found}: does not follow the entry before it")
    if heads.get(found, entry["hash"]) != entry["hash"]:
        first = max((known for known in heads if known < found), default=0) + 1
        raise Bad(f"entry {first}: the history was rewritten up to the published head {found}")


def walk(entries: Iterable[dict[str, Any]], heads: dict[int, str]) -> tuple[int, str, int]:
    """Follow one chain; returns the last number, its hash, and how many entries have erased texts."""
    number, last = 0, START
    erased: list[tuple[int, str]] = []
    announced: set[tuple[int, str]] = set()
    for entry in entries:
        check_one(entry, number, last, heads)
        number, last = entry["number"], entry["hash"]
        erased += [(number, part) for part in PRIVATE if len(entry[part + "_seal"]) == 64]
        if entry["kind"] == "history.erased":
            announced |= set(announced_by(entry["after"]))
    if heads and max(heads) > number:
        raise Bad(f"entry {number + 1}: missing, although the head {max(heads)} was published")
    silent = [gone for gone, part in erased if (gone, part) not in announced]
    if silent:
        raise Bad(f"entry {silent[0]}: erased without an entry that says so")
    return number, last, len({gone for gone, _ in erased})


def announced_by(after: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Entry and part of everything whose erasure an entry tells of."""
    for first, end in after.get("entries", ()):
        for number in range(first, end + 1):
            for part in after.get("parts", ()):
                yield number, part


# --- Ed25519 (RFC 8032), verification only ------------------------------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


def _point(data: bytes) -> Point:
    if len(data) != 32:
        raise ValueError("a point has 32 bytes")
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not on the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the signature of the message by the key."""
    try:
        point, first = _point(public), _point(signature[:32])
    except ValueError:
        return False
    factor = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or factor >= ORDER:
        return False
    found = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = _times(factor, BASE), _add(first, _times(found, point))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def checked_heads(document: Any, key: str | None) -> dict[int, dict[int, str]]:
    """Hashes by number for each organization; raises ``Bad`` for a signature that does not hold or another key."""
    if document.get("format") != "isotrack-heads-v1":
        raise ValueError("this is no file of heads")
    found: dict[int, dict[int, str]] = {}
    for head in document["heads"]:
        values = [head[name] for name in ("organization", "organization_id", "number", "hash", "signed_at")]
        text = ("isotrack-heads-v1|" + canonical(values)).encode("utf-8")
        public = base64.b64decode(head["public_key"])
        if not signature_holds(public, text, base64.b64decode(head["signature"])):
            raise Bad(f"head {head['number']}: its signature does not hold")
        if key and hashlib.sha256(public).hexdigest()[:16] != key:
            raise Bad(f"head {head['number']}: signed by another key than {key}")
        found.setdefault(head["organization_id"], {})[head["number"]] = head["hash"]
    return found


def verify(lines: Iterable[str], document: Any = None, key: str | None = None) -> list[str]:
    """Verify an export of one or more organizations, each after the other; returns a line for each."""
    heads = checked_heads(document, key) if document else {}
    chains: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        if line.strip():
            entry = json.loads(line)
            chains.setdefault(entry["organization_id"], []).append(entry)
    gone = sorted(set(heads) - set(chains))
    if gone:
        raise Bad(f"entry 1: the whole history of organization {gone[0]} is missing")
    said = []
    for organization, entries in chains.items():
        number, last, erased = walk(entries, heads.get(organization, {}))
        said.append(f"organization {organization}: verified to entry {number}, head {last}, {erased} with erased texts")
    return said


def self_test(vectors: Any) -> list[str]:
    """Check this file against the test vectors."""
    for case in vectors["chains"]:
        try:
            found = verify([json.dumps(entry) for entry in case["entries"]], case.get("heads"))[0]
        except Bad as bad:
            found = str(bad)
        if found != case["says"]:
            raise Bad(f"vector “{case['name']}”: {found} instead of {case['says']}")
    return [f"{len(vectors['chains'])} test vectors hold"]


def _lines(name: str) -> Iterator[str]:
    if name == "-":
        yield from sys.stdin
        return
    with Path(name).open(encoding="utf-8") as file:
        yield from file


def main() -> int:
    """Read the files that the command line names."""
    parser = argparse.ArgumentParser(description="Verify an exported history and the heads that were handed out.")
    parser.add_argument("file", nargs="?", default="-", help="entries as lines of JSON; - for standard input")
    parser.add_argument("--heads", metavar="HEADS.json", help="signed heads that were kept elsewhere")
    parser.add_argument("--key", metavar="KEY_ID", help="accept only heads signed by this key")
    parser.add_argument("--self-test", metavar="VECTORS.json", help="check this file against test vectors")
    given = parser.parse_args()
    try:
        if given.self_test:
            said = self_test(json.loads(Path(given.self_test).read_text("utf-8")))
        else:
            heads = json.loads(Path(given.heads).read_text("utf-8")) if given.heads else None
            said = verify(_lines(given.file), heads, given.key)
    except Bad as bad:
        sys.stdout.write(f"FIRST BAD {bad}\n")
        return 1
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"cannot be read: {type(error).__name__}: {error}\n")
        return 2
    sys.stdout.write("\n".join(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
