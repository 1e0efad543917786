"""The operator's SAML provider: what it is asked, and which of its answers are believed.

Needs the packages of the extra ``saml``, so nothing imports it where they may be missing.

python3-saml checks form, signatures, issuer, status and times. It is content with an answer that leaves out whom it is
for, what it answers or until when; the web browser profile (SAML 2.0 Profiles, 4.1.4) is not, so that is demanded here,
of the signed assertion itself. An assertion is good for one use (4.1.4.5).
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import xmlsec
from cryptography.x509 import load_der_x509_certificate
from django.conf import settings
from django.urls import reverse
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Words
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from access.sign_on import ATTRIBUTES
from accounts.ratelimit import Limit, TooMany, take

LARGEST = 256 * 1024
LONGEST_NAME = 190
REFUSALS = (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, LxmlError, xmlsec.Error, ValueError)
CONFIRMATION = "saml:Assertion/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData"
CERTIFICATES = (
    "//md:IDPSSODescriptor/md:KeyDescriptor[not(@use='encryption')]/ds:KeyInfo/ds:X509Data/ds:X509Certificate"
)
STRICT = {
    "wantAssertionsSigned": True,
    "wantNameId": True,
    "wantAttributeStatement": False,
    "allowRepeatAttributeName": True,
    "rejectDeprecatedAlgorithm": True,
    "requestedAuthnContext": False,
    "allowSingleLabelDomains": True,
    "metadataValidUntil": "",
    "metadataCacheDuration": "",
}


class Unusable(ValueError):
    """The operator's settings do not describe a provider; the message says why."""


class NotBelieved(Exception):
    """An answer of the provider is not believed; the message is for the log."""


@dataclass(frozen=True)
class Answer:
    """What a believed answer says. The methods are those by which the sign-in library reads it."""

    request_id: str
    name: str
    name_format: str | None
    attributes: dict[str, list[str]]

    def get_nameid(self) -> str:
        """By what the provider knows the person."""
        return self.name

    def get_nameid_format(self) -> str | None:
        """What kind of name it is."""
        return self.name_format

    def get_attributes(self) -> dict[str, list[str]]:
        """What the provider says of the person, as far as it is used."""
        return self.attributes


def entity_id() -> str:
    """Our name among SAML's parties: the address of our description."""
    return _address("saml-metadata")


def description() -> str | bytes:
    """What the provider's administrator registers (metadata); raises ``Unusable``."""
    found: str | bytes = _configuration().get_sp_metadata()
    return found


def ask() -> tuple[str, str]:
    """Where to send a person who wants to sign in, and the id that the answer must name; raises ``Unusable``."""
    library = OneLogin_Saml2_Auth(_arrival(), _configuration())
    return library.login(return_to=""), library.get_last_request_id()


def read(posted: str) -> Answer:
    """The answer, if it is believed; raises ``NotBelieved``. The same one cannot be read twice."""
    if len(posted) > LARGEST:
        raise NotBelieved("too large")
    try:
        response = OneLogin_Saml2_Response(_configuration(), posted)
        if not response.is_valid(_arrival()):
            raise NotBelieved(response.get_error())
        answer = _demanded(response)
    except REFUSALS as error:
        raise NotBelieved(str(error)) from error
    _use_up(response)
    return answer


def _demanded(response: Any) -> Answer:
    """What the answer says, if it says whom it is for, what it answers, until when, and of whom."""
    found = response.get_xml_document().findall(CONFIRMATION, Words.NSMAP)
    confirmation = found[0].attrib if len(found) == 1 else {}
    name, name_format = response.get_nameid(), response.get_nameid_format()
    demands = {
        "audience": entity_id() in response.get_audiences(),
        "destination": response.document.get("Destination") == _address("saml-back"),
        "recipient": confirmation.get("Recipient") == _address("saml-back"),
        "request": bool(confirmation.get("InResponseTo")),
        "end": response.get_assertion_not_on_or_after() is not None,
        "lasting name": name_format != Words.NAMEID_TRANSIENT and len(name) <= LONGEST_NAME,
    }
    if missing := [what for what, is_there in demands.items() if not is_there]:
        raise NotBelieved(f"without a right {', '.join(missing)}")
    return Answer(confirmation["InResponseTo"], name, name_format, _used(response.get_attributes()))


def _used(attributes: dict[str, list[Any]]) -> dict[str, list[str]]:
    """The attributes that sign-in looks at; the rest is not kept."""
    used = {name for names in ATTRIBUTES.values() for name in names}
    return {
        name: [value for value in values if isinstance(value, str)]
        for name, values in attributes.items()
        if name in used
    }


def _use_up(response: Any) -> None:
    """Remember the assertion for as long as it could be shown again, in the database, which no process does without."""
    seconds = response.get_assertion_not_on_or_after() - OneLogin_Saml2_Utils.now() + 60
    try:
        take(Limit("saml-assertion", 1, seconds), response.get_assertion_id())
    except TooMany as again:
        raise NotBelieved("used before") from again


def _address(name: str) -> str:
    """Addresses stand in the provider's records, so they do not depend on the host of a request."""
    return f"{settings.BASE_URL}{reverse(name)}"


def _arrival() -> dict[str, str]:
    """The request that brings an answer, as python3-saml wants it told."""
    parts = urlsplit(_address("saml-back"))
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "path_info": parts.path,
        "script_name": "",
    }


def _configuration() -> Any:
    """All that python3-saml must know; raises ``Unusable``."""
    us = {
        "entityId": entity_id(),
        "assertionConsumerService": {"url": _address("saml-back"), "binding": Words.BINDING_HTTP_POST},
    }
    security = STRICT | {"authnRequestsSigned": bool(settings.SAML_KEY)}
    provider = _provider(settings.SAML_METADATA)
    try:
        own = {"x509cert": _words(settings.SAML_CERTIFICATE), "privateKey": _words(settings.SAML_KEY)}
        return OneLogin_Saml2_Settings({"strict": True, "sp": us | own, "idp": provider, "security": security})
    except (OSError, OneLogin_Saml2_Error) as error:
        raise Unusable(str(error)) from error


@lru_cache(maxsize=1)
def _provider(given: str) -> dict[str, Any]:
    """Name, address and certificates of the provider, from its description (metadata); two while it changes its key."""
    try:
        tree = OneLogin_Saml2_XML.to_etree(_words(given))
        certificates = ["".join(node.itertext()) for node in OneLogin_Saml2_XML.query(tree, CERTIFICATES)]
        for certificate in certificates:
            load_der_x509_certificate(b64decode(certificate))
        found: dict[str, Any] = OneLogin_Saml2_IdPMetadataParser.parse(tree).get("idp", {})
    except (OSError, LxmlError, ValueError) as error:
        raise Unusable(f"cannot be read: {error}") from error
    parties = OneLogin_Saml2_XML.query(tree, "//md:EntityDescriptor")
    if len(parties) != 1 or not {"entityId", "singleSignOnService"} <= set(found) or not certificates:
        raise Unusable("describes no single provider with a certificate and an address for the redirect binding")
    return {name: found[name] for name in ("entityId", "singleSignOnService")} | {
        "x509certMulti": {"signing": certificates}
    }


def _words(given: str) -> str:
    """A text that is given itself, or as the path of a file."""
    is_path = given and not given.lstrip().startswith(("<", "-----BEGIN"))
    return Path(given).read_text() if is_path else given
