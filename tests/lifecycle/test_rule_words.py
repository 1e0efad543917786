"""Every rule as a sentence: numbers, consequences, rules that are off, and how far they are verified."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.calendar import parse_duration
from lifecycle.catalog import Catalog
from lifecycle.language import ENGLISH, duration_in_words
from lifecycle.parameters import rule_ids
from lifecycle.rule_words import rule_in_words, source_in_words

ON = {
    "cycle": "a certification lasts 36 months; its last valid day is the day before the anniversary",
    "surveillance.first": "the first surveillance audit takes place within 12 months after the certification decision; "
    "otherwise the certificate is suspended",
    "surveillance.yearly": "a surveillance audit takes place in every calendar year after the first of a cycle and "
    "before its last; otherwise the certificate is suspended",
    "nc.minor.opening": "a nonconformity of grade minor does not suspend the certificate when it is raised",
    "nc.minor.response": "a nonconformity of grade minor is answered within 30 calendar days after it is raised",
    "nc.minor.plan": "no time is set until a nonconformity of grade minor has an accepted plan of action",
    "nc.minor.closure": "a nonconformity of grade minor is closed by the next audit; otherwise it becomes major",
    "nc.major.closure": "a nonconformity of grade major is closed within 90 calendar days after it is raised; "
    "otherwise the certificate is suspended",
    "nc.accumulation": "3 open nonconformities of grade minor of one clause make one of grade major",
    "nc.failed_verification": "a corrective action that proves not effective has no effect of its own",
    "suspension": "the grounds of a suspension are resolved within 6 months; otherwise the certificate is withdrawn",
    "restoration": "an expired certificate can be restored within 6 months; then a new stage 2 audit is needed",
    "stage1_to_stage2": "no time is set between stage 1 and stage 2",
    "transfer": "after a loss of accreditation the certificate is transferred within 6 months",
    "edition.end": "a certificate still held to an old edition expires when that edition ends",
    "reapplication": "a new certification is possible at once after a withdrawal",
    "decision.lift": "a decision of the certification body",
    "nc.major.closing": "",
}
OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "cycle": (
        {"length": "12m", "last_day": "anniversary"},
        "a certification lasts 12 months; its last valid day is the anniversary",
    ),
    "surveillance.first": ({"due": None}, "no time is set for the first surveillance audit"),
    "surveillance.yearly": ({"required": False}, "no surveillance audit is asked for by calendar year"),
    "surveillance.interval": (
        {"due": "12m", "on_breach": "none"},
        "each surveillance audit takes place within 12 months after the one before",
    ),
    "surveillance.window": (
        {"every": "12m", "after": "1m", "on_breach": "withdraw", "effect_after": "7d"},
        "surveillance audits take place every 12 months after the stage 2 or recertification audit, 3 months earlier "
        "at most and 1 month later at most; otherwise the certificate is withdrawn, 7 calendar days after the due "
        "date",
    ),
    "nc.major.opening": (
        {"effect": "suspend"},
        "a nonconformity of grade major suspends the certificate when it is raised",
    ),
    "nc.major.action": (
        {"due": "1d", "anchor": "notification", "on_breach": "withdraw"},
        "a nonconformity of grade major has its corrective action done within 1 calendar day after its notification; "
        "otherwise the certificate is withdrawn",
    ),
    "nc.accumulation": ({"count": None}, "several nonconformities do not make one of another grade"),
    "nc.failed_verification": (
        {"effect": "recommend_withdrawal"},
        "a corrective action that proves not effective leads to a recommendation to withdraw",
    ),
    "suspension": ({"limit": None}, "a suspension has no time limit"),
    "recertification.open_major": (
        {"required": False},
        "a major nonconformity of a recertification audit has no date of its own",
    ),
    "restoration": ({"limit": None}, "an expired certificate cannot be restored"),
    "stage2.verification": ({"limit": None}, "no time is set to close the major nonconformities of a stage 2 audit"),
    "stage1_to_stage2": (
        {"min": "20d", "max": "90d"},
        "stage 2 follows stage 1 after at least 20 calendar days and at most 90 calendar days",
    ),
    "transfer": ({"limit": None}, "no time is set for a transfer after a loss of accreditation"),
    "edition.end": (
        {"effect": "withdraw"},
        "a certificate still held to an old edition is withdrawn when that edition ends",
    ),
    "reapplication": ({"wait": "12m"}, "a new certification is possible 12 months after a withdrawal"),
}


@pytest.mark.parametrize(("rule", "words"), ON.items())
def test_a_rule_in_words(rule: str, words: str, catalog: Catalog) -> None:
    assert rule_in_words(catalog.policy("iso17021_generic"), rule) == words


@pytest.mark.parametrize("rule", OTHER)
def test_the_words_follow_the_numbers(rule: str, catalog: Catalog) -> None:
    values, words = OTHER[rule]
    assert rule_in_words(catalog.policy("iso17021_generic").with_rules({rule: values}), rule) == words


def test_every_rule_of_every_scheme_has_a_sentence(catalog: Catalog) -> None:
    for scheme in catalog.scheme_ids:
        policy = catalog.policy(scheme)
        for rule in rule_ids(tuple(policy.grades)):
            words = rule_in_words(policy, rule)
            assert words
            assert "None" not in words


@pytest.mark.parametrize(
    ("scheme", "rule", "words"),
    [
        ("iso17021_generic", "nc.major.closure", "ISO/IEC 17021-1:2015, 9.4.10"),
        ("iso17021_generic", "nc.minor.closure", "ISO/IEC 17021-1:2015"),
        (
            "iso17021_generic",
            "nc.major.response",
            "ISO/IEC 17021-1:2015, 9.4.10; check against your scheme's own text",
        ),
        (
            "cnca_qms_2025",
            "reapplication",
            "CNCA-QMS-01:2025; check against your scheme's own text",
        ),
        ("iso17021_generic", "decision.lift", ""),
    ],
)
def test_an_unverified_number_says_so(scheme: str, rule: str, words: str, catalog: Catalog) -> None:
    assert source_in_words(catalog.policy(scheme), rule) == words


def test_a_changed_number_is_to_be_checked(catalog: Catalog) -> None:
    changed = catalog.policy("iso17021_generic").with_rules({"suspension": {"limit": "3m"}})
    assert source_in_words(changed, "suspension") == "ISO/IEC 17021-1:2015, 9.6.5; check against your scheme's own text"


def test_durations_in_words() -> None:
    words = [duration_in_words(parse_duration(text), ENGLISH) for text in ("1d", "90d", "1m", "6m")]
    assert words == ["1 calendar day", "90 calendar days", "1 month", "6 months"]
