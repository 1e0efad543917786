"""Signing in with SAML: a provider that signs for real, and everything that somebody without its key may try."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from html import unescape
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
import xmlsec
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.test import Client
from lxml import etree

from access import saml, sign_on
from accounts.models import Organization, User
from isotrack import preflight
from tests.access import identity_provider as idp
from tests.access.identity_provider import NS, Says, says, signed
from tests.access.saml_answers import FORGED, MARTA, NO_ANSWER, NOT_FOR_US, OURS, STRANGER, encrypted
from tests.access.test_signing_in import is_in, letters
from tests.api.test_token import SECRET
from tests.architecture.source import ROOT
from tests.pages import text_of

START, BACK, FINISH = "/sign-in/saml/", "/sign-in/saml/back/", "/sign-in/saml/finish/"


@pytest.fixture
def saml_on(settings: Any) -> None:
    settings.SAML_METADATA, settings.SAML_NAME = idp.described("https://login.halden.example/sso"), "Halden login"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider with pages."""
    with idp.running() as address:
        yield address


def away(browser: Client, start: str = START) -> str:
    """Where this browser is sent."""
    return str(browser.get(start).headers["Location"])


def send(browser: Client, tree: Any) -> Any:
    """What the person sees in the end: the form arrives, and an answer that is believed leads one step on."""
    posted = tree if isinstance(tree, str) else idp.packed(tree)
    answer = browser.post(BACK, {"SAMLResponse": posted, "RelayState": ""})
    return browser.get(FINISH) if answer.status_code == 302 else answer


def assert_refused(browser: Client, answer: Any) -> None:
    assert (answer.status_code, "Nothing happened to your account" in text_of(answer)) == (401, True)
    assert not is_in(browser)
    assert not SocialAccount.objects.exists()


def through_its_pages(browser: Client, start: str, mail: str) -> Any:
    """Along every address and form, as a browser without scripts would go."""
    asked = away(browser, start)
    assert 'name="mail"' in requests.get(asked, timeout=30).text
    page = etree.HTML(requests.post(asked, data={"mail": mail}, timeout=30).text)
    form = {field.get("name"): unescape(field.get("value")) for field in page.iter("input")}
    action = page.find(".//form").get("action")
    assert action == f"{OURS}{BACK}"
    return browser.post(BACK, form)


def test_a_person_with_an_account_comes_in(officer: User, provider: str, settings: Any) -> None:
    settings.SAML_METADATA, settings.SAML_NAME = idp.described(provider), "Halden login"
    browser = Client(enforce_csrf_checks=True)
    assert "Sign in with Halden login" in text_of(browser.get("/sign-in/"))
    led_on = through_its_pages(browser, f"{START}?next=/certificates/", MARTA)
    assert led_on.headers["Location"] == FINISH
    assert browser.get(FINISH).headers["Location"] == "/certificates/"
    assert is_in(browser)
    assert [message.payload["what"] for message in letters(officer)] == ["account_connected"]
    again = Client()
    through_its_pages(again, START, MARTA)
    again.get(FINISH)
    assert "Halden login" in text_of(again.get("/settings/sign-in/"))
    assert len(letters(officer)) == 1


@pytest.mark.usefixtures("saml_on")
def test_the_form_brings_no_cookie_of_the_session_and_its_own_is_good_for_one_step(officer: User) -> None:
    browser, form = Client(), Client()
    answer = form.post(BACK, {"SAMLResponse": idp.packed(signed(says(away(browser), MARTA)))})
    kept = answer.cookies["saml-answer"]
    assert (kept["path"], kept["samesite"], kept["httponly"]) == (FINISH, "Lax", True)
    browser.cookies["saml-answer"] = kept.value
    assert browser.get(FINISH).status_code == 302
    assert is_in(browser)
    browser.logout()
    browser.cookies["saml-answer"] = kept.value
    assert browser.get(FINISH).status_code == 401


@pytest.mark.usefixtures("saml_on")
def test_one_is_led_to_no_other_site(officer: User) -> None:
    browser = Client()
    answer = send(browser, signed(says(away(browser, f"{START}?next=https://evil.example/"), MARTA)))
    assert answer.headers["Location"] == "/"


UNVERIFIED = {"email": MARTA}


@pytest.mark.usefixtures("saml_on")
@pytest.mark.parametrize(
    ("person", "changes"),
    [
        (STRANGER, {}),
        (MARTA, {"attributes": UNVERIFIED}),
        (MARTA, {"attributes": UNVERIFIED | {"email_verified": "false"}}),
        (MARTA, {"attributes": {}, "name": MARTA, "name_format": idp.MAIL_NAME}),
        (MARTA, {"attributes": {}, "name": "marta"}),
    ],
)
def test_who_has_no_account_or_no_verified_address_does_not_come_in(
    officer: User, person: str, changes: dict[str, Any]
) -> None:
    browser = Client()
    answer = send(browser, signed(says(away(browser), person, **changes)))
    assert (answer.status_code, "has no account here" in text_of(answer)) == (403, True)
    assert not is_in(browser)
    assert User.objects.count() == 1


@pytest.mark.usefixtures("saml_on")
@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": {"mail": MARTA}},
        {"attributes": {"urn:oid:0.9.2342.19200300.100.1.3": MARTA.upper()}},
        {"attributes": {}, "name": MARTA, "name_format": idp.MAIL_NAME},
    ],
)
def test_addresses_of_the_operators_domains_count_as_verified(
    officer: User, settings: Any, changes: dict[str, Any]
) -> None:
    settings.SAML_DOMAINS = ["halden.example"]
    browser = Client()
    send(browser, signed(says(away(browser), MARTA, **changes)))
    assert is_in(browser)
    settings.SAML_DOMAINS = ["ostrava.example"]
    SocialAccount.objects.all().delete()
    other = Client()
    assert send(other, signed(says(away(other), MARTA, **changes))).status_code == 403


@pytest.mark.usefixtures("saml_on")
def test_only_what_is_used_is_kept(officer: User) -> None:
    browser = Client()
    attributes = {"email": MARTA, "email_verified": "true", "groups": "board"}
    send(browser, signed(says(away(browser), MARTA, attributes=attributes)))
    assert SocialAccount.objects.get().extra_data == {"email": [MARTA], "email_verified": ["true"]}


@pytest.mark.usefixtures("saml_on")
def test_the_second_step_is_still_asked_for(officer: User) -> None:
    TOTP.activate(officer, SECRET)
    browser = Client()
    answer = send(browser, signed(says(away(browser), MARTA)))
    assert answer.headers["Location"].startswith("/sign-in/code/")
    assert not is_in(browser)


@pytest.mark.usefixtures("saml_on")
def test_who_is_switched_off_does_not_come_in(officer: User) -> None:
    User.objects.update(is_active=False)
    browser = Client()
    send(browser, signed(says(away(browser), MARTA)))
    assert not is_in(browser)


@pytest.mark.usefixtures("saml_on")
@pytest.mark.parametrize("changes", NOT_FOR_US.values(), ids=NOT_FOR_US)
def test_a_signed_answer_that_is_not_for_us_opens_nothing(officer: User, changes: dict[str, Any]) -> None:
    browser = Client()
    assert_refused(browser, send(browser, signed(says(away(browser), MARTA, **changes))))


@pytest.mark.usefixtures("saml_on")
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_what_the_provider_has_not_signed_opens_nothing(officer: User, forge: Callable[[Says], Any]) -> None:
    browser = Client()
    assert_refused(browser, send(browser, forge(says(away(browser), MARTA))))


@pytest.mark.usefixtures("saml_on")
def test_a_comment_cuts_no_address_short(officer: User) -> None:
    """A signature passes over comments; whoever read only the text before one would read another address."""
    browser = Client()
    text = etree.tostring(signed(says(away(browser), f"{MARTA}.evil.example")))
    cut = text.replace(f">{MARTA}.evil".encode(), f">{MARTA}<!-- -->.evil".encode())
    assert cut != text
    assert send(browser, cut).status_code == 403
    assert not is_in(browser)


@pytest.mark.usefixtures("saml_on")
@pytest.mark.parametrize("posted", NO_ANSWER.values(), ids=NO_ANSWER)
def test_what_is_no_answer_is_refused_by_a_page(officer: User, posted: str) -> None:
    browser = Client()
    away(browser)
    assert_refused(browser, browser.post(BACK, {"SAMLResponse": posted}))


@pytest.mark.usefixtures("saml_on")
def test_steps_out_of_turn_open_nothing(officer: User) -> None:
    browser = Client()
    assert_refused(browser, browser.get(FINISH))
    assert_refused(browser, browser.post(BACK))
    assert browser.get(BACK).status_code == 405


@pytest.mark.usefixtures("saml_on")
def test_an_answer_damaged_anywhere_is_refused_by_a_page(officer: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES_FROM_ADDRESS = 1000
    browser, dice = Client(), random.Random(3)
    genuine = etree.tostring(signed(says(away(browser), MARTA)))
    signature = genuine.index(b"<ds:SignatureValue>")
    for _ in range(60):
        place = dice.randrange(len(genuine))
        damaged = bytearray(genuine)
        damaged[place] = dice.choice([letter for letter in b'aZ0:/"< ' if letter != genuine[place]])
        if place < signature:
            damaged[signature + 30] ^= 1  # the envelope is not signed, so not every letter of it matters
        assert_refused(browser, send(browser, bytes(damaged)))


@pytest.mark.usefixtures("saml_on")
def test_an_answer_opens_one_session_once(officer: User) -> None:
    browser, other = Client(), Client()
    said = says(away(browser), MARTA)
    tree = signed(said)
    send(browser, tree)
    assert is_in(browser)
    SocialAccount.objects.all().delete()
    browser.logout()
    elsewhere = signed(said.but(request=says(away(other), MARTA).request))
    for again in (tree, elsewhere):
        assert_refused(browser, send(browser, again))
        assert_refused(other, send(other, again))


@pytest.mark.usefixtures("saml_on")
def test_an_assertion_in_another_envelope_is_the_same_assertion(officer: User) -> None:
    with pytest.raises(saml.NotBelieved, match="used before"):
        read_twice()


def read_twice() -> None:
    said = says(saml.ask()[0], MARTA)
    tree = signed(said)
    assert saml.read(idp.packed(tree)).name == said.name
    tree.set("ID", "_another")
    saml.read(idp.packed(tree))


@pytest.mark.usefixtures("saml_on")
def test_an_answer_signs_in_the_browser_that_asked_and_no_other(officer: User) -> None:
    mine, theirs = Client(), Client()
    away(theirs)
    assert_refused(theirs, send(theirs, signed(says(away(mine), MARTA))))


@pytest.mark.usefixtures("saml_on")
def test_answers_that_are_not_believed_are_counted_and_others_are_not(officer: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES_FROM_ADDRESS = 3
    browser = Client()
    for _ in range(5):
        send(browser, signed(says(away(browser), MARTA)))
    assert is_in(browser)
    codes = [Client().post(BACK, {"SAMLResponse": "x"}).status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]


@pytest.mark.usefixtures("saml_on")
def test_the_description_of_ourselves() -> None:
    answer = Client().get("/sign-in/saml/metadata/")
    tree = etree.fromstring(answer.content)
    service = tree.find(".//md:AssertionConsumerService", NS)
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    assert tree.get("entityID") == f"{OURS}/sign-in/saml/metadata/"
    assert service.get("Location") == f"{OURS}{BACK}"
    assert tree.find("md:SPSSODescriptor", NS).get("WantAssertionsSigned") == "true"
    assert tree.get("validUntil") is None
    assert saml._configuration().validate_metadata(answer.content) == []


def test_without_a_provider_there_is_nothing(officer: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def codes() -> set[int]:
        return {Client().get(f"{START}{page}").status_code for page in ("", "finish/", "metadata/")} | {
            Client().post(BACK, {"SAMLResponse": "x"}).status_code
        }

    assert codes() == {404}
    settings.SAML_METADATA, settings.SAML_NAME = idp.described("https://login.halden.example/sso"), "Halden login"
    assert Client().get(START).status_code == 302
    assert "Halden login" in text_of(Client().get("/sign-in/"))
    monkeypatch.setattr(sign_on, "find_spec", lambda name: None if name == "onelogin" else find_spec(name))
    assert codes() == {404}
    assert "Halden login" not in text_of(Client().get("/sign-in/"))
    with pytest.raises(preflight.CannotStartError, match=r"setup\.sh saml"):
        preflight.check_sign_on()


def test_without_a_provider_none_of_its_packages_is_imported() -> None:
    asking = (
        "import sys, django; django.setup(); import isotrack.urls; from isotrack import preflight; "
        "preflight.check_sign_on(); print([name for name in ('onelogin', 'xmlsec', 'lxml') if name in sys.modules])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "isotrack.settings", "ISOTRACK_ENV_FILE": os.devnull}
    ended = subprocess.run([sys.executable, "-c", asking], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("[]\n", "")


GOOD = idp.described("https://login.halden.example/sso")
UNUSABLE = {
    "no file": "/nowhere/metadata.xml",
    "no XML": "<hello",
    "nobody": "<hello/>",
    "no certificate": GOOD.replace('use="signing"', 'use="encryption"'),
    "a broken certificate": idp.described("https://login.halden.example/sso", "AAAA"),
    "another binding": GOOD.replace("HTTP-Redirect", "HTTP-POST"),
    "no address": GOOD.replace("https://login.halden.example/sso", "javascript:alert(1)"),
    "many providers": f'<md:EntitiesDescriptor xmlns:md="{NS["md"]}">{GOOD}{GOOD}</md:EntitiesDescriptor>',
}


@pytest.mark.parametrize("given", UNUSABLE.values(), ids=UNUSABLE)
def test_a_provider_that_cannot_be_used_is_refused_at_the_start_and_said_to_be(
    officer: User, settings: Any, given: str
) -> None:
    settings.SAML_METADATA = given
    with pytest.raises(preflight.CannotStartError, match="ISOTRACK_SAML"):
        preflight.check_sign_on()
    for page in (START, "/sign-in/saml/metadata/"):
        answer = Client().get(page)
        assert (answer.status_code, "did not answer" in text_of(answer)) == (502, True)
    assert Client().post(BACK, {"SAMLResponse": "x"}).status_code == 401


def test_the_provider_is_given_as_a_file_and_may_change_its_key(officer: User, settings: Any, tmp_path: Any) -> None:
    file = tmp_path / "metadata.xml"
    new = idp.pair("the next")
    file.write_text(idp.described("https://login.halden.example/sso", idp.pair().bare, new.bare))
    settings.SAML_METADATA = str(file)
    for key in (idp.pair(), new):
        browser = Client()
        send(browser, signed(says(away(browser), MARTA), by=key))
        assert is_in(browser)


@pytest.fixture
def own_key(saml_on: None, settings: Any, tmp_path: Any) -> idp.Pair:
    """Ours: requests are signed with it, assertions may be encrypted for it."""
    ours = idp.pair("ours")
    (tmp_path / "key.pem").write_bytes(ours.key)
    settings.SAML_KEY, settings.SAML_CERTIFICATE = str(tmp_path / "key.pem"), ours.certificate.decode()
    return ours


def test_requests_are_signed_with_a_key_of_our_own(db: None, own_key: idp.Pair) -> None:
    query = dict(parse_qsl(urlsplit(away(Client())).query, keep_blank_values=True))
    signature = b64decode(query.pop("Signature"))
    key: Any = x509.load_pem_x509_certificate(own_key.certificate).public_key()
    key.verify(signature, urlencode(query).encode(), padding.PKCS1v15(), hashes.SHA256())
    assert own_key.bare in "".join(Client().get("/sign-in/saml/metadata/").content.decode().split())


def test_an_encrypted_assertion_is_read_and_must_be_signed_as_well(officer: User, own_key: idp.Pair) -> None:
    forger = Client()
    assert_refused(forger, send(forger, encrypted(says(away(forger), MARTA), own_key, by=idp.pair("somebody else's"))))
    browser = Client()
    send(browser, encrypted(says(away(browser), MARTA), own_key))
    assert is_in(browser)


def test_no_provider_of_an_organization_passes_for_the_operators(officer: User) -> None:
    other = Organization.objects.create(name="Saml", slug="saml", time_zone="UTC")
    assert sign_on.may_let_in(sign_on.OPERATORS_SAML, officer)
    assert not sign_on.may_let_in(other.slug, officer)
    assert ":" in sign_on.OPERATORS_SAML


def test_both_xml_libraries_stand_on_the_same_one_below() -> None:
    """xmlsec refuses trees of a parser that was built with another libxml2; the locks must fit together."""
    assert xmlsec.get_libxml_version() == etree.LIBXML_VERSION
