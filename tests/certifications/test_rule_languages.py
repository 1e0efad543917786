"""The rules of a scheme in the languages of the profile: every sentence is translated and keeps its numbers."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.utils import translation

from certifications.catalog import catalog
from certifications.scheme_words import full_title
from lifecycle.language import English
from lifecycle.parameters import rule_ids
from lifecycle.rule_words import rule_in_words, threat_in_words

OTHERS = [code for code, _ in settings.LANGUAGES if code != "en"]


def numbers_in(text: str) -> list[str]:
    """The numbers of a sentence; each language puts them where it wants."""
    return sorted(re.findall(r"\d+", text))


@pytest.mark.parametrize("language", OTHERS)
def test_no_rule_of_any_scheme_is_left_in_english(language: str) -> None:
    with translation.override(language):
        for scheme in catalog().scheme_ids:
            policy = catalog().policy(scheme)
            for rule in rule_ids(tuple(policy.grades)):
                english, words = rule_in_words(policy, rule), rule_in_words(policy, rule, translation)
                assert words and words != english, (scheme, rule)
                assert numbers_in(words) == numbers_in(english), (scheme, rule, words)


def test_what_a_rule_threatens_is_said_apart() -> None:
    policy = catalog().policy("iso17021_generic")
    assert threat_in_words(policy, "nc.major.closure") == "the certificate is suspended"
    assert threat_in_words(policy, "nc.minor.closure") == "it becomes major"
    assert threat_in_words(policy, "nc.minor.plan") == ""
    with translation.override("de"):
        assert threat_in_words(policy, "nc.minor.closure", translation) == "sie wird zur Hauptabweichung"


def test_a_rule_is_titled_by_the_grade_of_the_language() -> None:
    assert full_title("nc.major.closure") == "Major, closure"
    with translation.override("de"):
        assert full_title("nc.major.closure") == "Hauptabweichung, Abschluss"


def test_english_counts_as_english_does() -> None:
    assert [English().ngettext("day", "days", number) for number in (0, 1, 2)] == ["days", "day", "days"]
