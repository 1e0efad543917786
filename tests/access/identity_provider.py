"""A SAML identity provider on this machine: it really signs what it says, and says whatever a test wants."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

ENTITY = "https://login.halden.example/saml"
NS = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
MAIL_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


@dataclass(frozen=True)
class Pair:
    """A key and its certificate."""

    key: bytes
    certificate: bytes

    @property
    def bare(self) -> str:
        """The certificate as descriptions hold it."""
        return "".join(self.certificate.decode().splitlines()[1:-1])


@cache
def pair(name: str = "the provider's") -> Pair:
    """A pair for each name, made once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    whose = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(whose, whose, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return Pair(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain), certificate.public_bytes(pem))


def described(address: str, *certificates: str) -> str:
    """What a provider's administrator hands out (metadata)."""
    keys = "".join(
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{NS["ds"]}"><ds:X509Data><ds:X509Certificate>{bare}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for bare in certificates or (pair().bare,)
    )
    return (
        f'<md:EntityDescriptor xmlns:md="{NS["md"]}" entityID="{ENTITY}">'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{NS["samlp"]}">{keys}'
        f'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{address}"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def moment(minutes: float = 0) -> str:
    """So many minutes from now, as SAML writes it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id() -> str:
    return f"_{uuid4().hex}"


@dataclass(frozen=True)
class Says:
    """An answer before it is written; an empty text leaves its place out."""

    request: str
    destination: str
    audience: str
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    name_format: str = PERSISTENT
    recipient: str = ""
    answers: str = ""
    issuer: str = ENTITY
    status: str = SUCCESS
    until: str = field(default_factory=lambda: moment(5))
    since: str = field(default_factory=lambda: moment(-1))
    assertion_id: str = field(default_factory=new_id)

    def but(self, **changes: Any) -> Says:
        """The same with something else in it."""
        return replace(self, **changes)


def says(away: str, person: str, **changes: Any) -> Says:
    """The honest answer to a request, for the person who has this mail address."""
    request = asked(away)
    back = request.get("AssertionConsumerServiceURL", "")
    own = Says(
        request=request.get("ID", ""),
        destination=back,
        audience=request.findtext("saml:Issuer", namespaces=NS) or "",
        name=f"id-of-{person}",
        attributes={"email": person, "email_verified": "true"},
        recipient=back,
        answers=request.get("ID", ""),
    )
    return own.but(**changes)


def asked(away: str) -> Any:
    """The request in the address to which a person was sent."""
    packed = parse_qs(urlsplit(away).query)["SAMLRequest"][0]
    return etree.fromstring(zlib.decompress(b64decode(packed), -15))


def given(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""


def written(said: Says) -> Any:
    """The answer as a tree, without a signature."""
    attributes = "".join(
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{escape(value)}</saml:AttributeValue></saml:Attribute>'
        for name, value in said.attributes.items()
    )
    audience = f"<saml:AudienceRestriction><saml:Audience>{said.audience}</saml:Audience></saml:AudienceRestriction>"
    confirmation = (
        given("Recipient", said.recipient) + given("NotOnOrAfter", said.until) + given("InResponseTo", said.answers)
    )
    return etree.fromstring(
        f'<samlp:Response xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" ID="{new_id()}" Version="2.0" '
        f'IssueInstant="{moment()}"{given("Destination", said.destination)}{given("InResponseTo", said.request)}>'
        f"<saml:Issuer>{said.issuer}</saml:Issuer>"
        f'<samlp:Status><samlp:StatusCode Value="{said.status}"/></samlp:Status>'
        f'<saml:Assertion ID="{said.assertion_id}" Version="2.0" IssueInstant="{moment()}">'
        f"<saml:Issuer>{said.issuer}</saml:Issuer>"
        f'<saml:Subject><saml:NameID Format="{said.name_format}">{escape(said.name)}</saml:NameID>'
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f"<saml:SubjectConfirmationData{confirmation}/></saml:SubjectConfirmation></saml:Subject>"
        f'<saml:Conditions NotBefore="{said.since}"{given("NotOnOrAfter", said.until)}>'
        f"{audience if said.audience else ''}</saml:Conditions>"
        f'<saml:AuthnStatement AuthnInstant="{moment()}"><saml:AuthnContext><saml:AuthnContextClassRef>'
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        + (f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>" if attributes else "")
        + "</saml:Assertion></samlp:Response>"
    )


def assertion_of(tree: Any) -> Any:
    return tree.find("saml:Assertion", NS)


def sign(element: Any, by: Pair | None = None, method: Any = xmlsec.Transform.RSA_SHA256) -> None:
    """Sign a response or an assertion where it stands."""
    signature = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, method, ns="ds")
    element.insert(1, signature)
    element.set("ID", element.get("ID"))
    xmlsec.tree.add_ids(element, ["ID"])
    reference = xmlsec.template.add_reference(signature, xmlsec.Transform.SHA256, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory((by or pair()).key, xmlsec.KeyFormat.PEM)
    context.sign(signature)


def signed(said: Says, **how: Any) -> Any:
    """The answer as a tree, its assertion signed."""
    tree = written(said)
    sign(assertion_of(tree), **how)
    return tree


def packed(tree: Any) -> str:
    """As the form carries it."""
    text = tree if isinstance(tree, bytes) else etree.tostring(tree)
    return b64encode(text).decode()


FORM = """<!doctype html><title>Halden login</title><form method="post" action="{action}">
<input name="{name}" value="{value}"><button>Continue</button></form>"""


class Pages(BaseHTTPRequestHandler):
    """Asks for a mail address, then sends the answer back by a form."""

    def do_GET(self) -> None:
        self._show(FORM.format(action=escape(self.path), name="mail", value=""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = says(self.path, parse_qs(body)["mail"][0])
        self._show(FORM.format(action=said.destination, name="SAMLResponse", value=packed(signed(said))))

    def _show(self, page: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@contextmanager
def running() -> Iterator[str]:
    """Where it answers. 127.0.0.1 and localhost are two sites for a browser."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sso"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
