"""Answers that a SAML provider may give to others, and that somebody without its key may make up."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import xmlsec
from lxml import etree

from access import saml
from tests.access import identity_provider as idp
from tests.access.identity_provider import NS, Says, signed

OURS = "http://localhost:8000"
MARTA, STRANGER = "marta@halden.example", "stranger@halden.example"
# What the signed assertion says, where it is not said to us, now, in answer to our question.
NOT_FOR_US: dict[str, dict[str, Any]] = {
    "expired": {"until": idp.moment(-20), "since": idp.moment(-30)},
    "just expired": {"until": idp.moment(-0.1)},
    "not yet": {"since": idp.moment(20)},
    "without an end": {"until": ""},
    "another audience": {"audience": "https://other.example/metadata"},
    "no audience": {"audience": ""},
    "another destination": {"destination": "https://other.example/back/"},
    "a destination that begins like ours": {"destination": f"{OURS}/sign-in/saml/back/more/"},
    "no destination": {"destination": ""},
    "another recipient": {"recipient": "https://other.example/back/"},
    "a recipient that holds ours": {"recipient": f"https://evil.example/?{OURS}/sign-in/saml/back/"},
    "no recipient": {"recipient": ""},
    "another provider": {"issuer": "https://evil.example/"},
    "a failure": {"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"},
    "unsolicited": {"request": "", "answers": ""},
    "unsolicited in a borrowed envelope": {"answers": ""},
    "to another question": {"request": "_other", "answers": "_other"},
    "to another question in a borrowed envelope": {"answers": "_other"},
    "a name for one visit": {"name_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
    "an endless name": {"name": "m" * 200},
    "no name": {"name": ""},
}


def unsigned(said: Says) -> Any:
    return idp.written(said)


def by_another_key(said: Says) -> Any:
    return signed(said, by=idp.pair("somebody else's"))


def only_the_envelope_signed(said: Says) -> Any:
    tree = idp.written(said)
    idp.sign(tree)
    return tree


def by_an_old_method(said: Says) -> Any:
    return signed(said, method=xmlsec.Transform.RSA_SHA1)


def by_a_shared_secret(said: Says) -> Any:
    """The certificate, which everybody has, taken for a secret."""
    tree = signed(said)
    tree.find(".//ds:SignatureMethod", NS).set("Algorithm", "http://www.w3.org/2000/09/xmldsig#hmac-sha256")
    return tree


def another_mail(said: Says) -> Any:
    tree = signed(says_of(said, STRANGER))
    tree.find(".//saml:AttributeValue", NS).text = MARTA
    return tree


def another_name(said: Says) -> Any:
    tree = signed(said)
    tree.find(".//saml:NameID", NS).text = "id-of-somebody"
    return tree


def signature_taken_away(said: Says) -> Any:
    tree = signed(said)
    signature = tree.find(".//ds:Signature", NS)
    signature.getparent().remove(signature)
    return tree


def says_of(said: Says, mail: str) -> Says:
    return said.but(name=f"id-of-{mail}", attributes=said.attributes | {"email": mail})


def genuine_and_forged(said: Says) -> tuple[Any, Any, Any]:
    """A stranger's genuine answer, its signed assertion, and a copy without signature that names Marta."""
    tree = signed(says_of(said, STRANGER))
    genuine = idp.assertion_of(tree)
    forged = deepcopy(genuine)
    forged.remove(forged.find("ds:Signature", NS))
    forged.find(".//saml:AttributeValue", NS).text = MARTA
    return tree, genuine, forged


def wrapped_beside(said: Says, first: bool, same_id: bool) -> Any:
    tree, genuine, forged = genuine_and_forged(said)
    if not same_id:
        forged.set("ID", "_forged")
    tree.insert(tree.index(genuine) + (0 if first else 1), forged)
    return tree


def wrapped_in_extensions(said: Says, same_id: bool = False) -> Any:
    tree, genuine, forged = genuine_and_forged(said)
    if not same_id:
        forged.set("ID", "_forged")
    tree.replace(genuine, forged)
    place = etree.Element(f"{{{NS['samlp']}}}Extensions")
    place.append(genuine)
    tree.insert(1, place)
    return tree


def wrapped_in_the_signature(said: Says, same_id: bool = False) -> Any:
    """The forged assertion carries the signature, which carries what was signed."""
    tree, genuine, forged = genuine_and_forged(said)
    if not same_id:
        forged.set("ID", "_forged")
    signature = genuine.find("ds:Signature", NS)
    tree.replace(genuine, forged)
    forged.insert(1, signature)
    place = etree.SubElement(signature, f"{{{NS['ds']}}}Object")
    place.append(genuine)
    return tree


def wrapped_in_advice(said: Says) -> Any:
    tree, genuine, forged = genuine_and_forged(said)
    forged.set("ID", "_forged")
    tree.replace(genuine, forged)
    place = etree.Element(f"{{{NS['saml']}}}Advice")
    place.append(genuine)
    forged.insert(3, place)
    return tree


def wrapped_in_an_envelope(said: Says) -> Any:
    """A signed envelope inside one that is not."""
    inner = idp.written(says_of(said, STRANGER))
    idp.sign(inner)
    outer = unsigned(said)
    place = etree.Element(f"{{{NS['samlp']}}}Extensions")
    place.append(inner)
    outer.insert(1, place)
    return outer


def two_signed(said: Says) -> Any:
    tree = signed(said)
    tree.append(idp.assertion_of(signed(says_of(said, STRANGER).but(assertion_id=idp.new_id()))))
    return tree


FORGED: dict[str, Callable[[Says], Any]] = {
    "unsigned": unsigned,
    "another key": by_another_key,
    "only the envelope signed": only_the_envelope_signed,
    "SHA-1": by_an_old_method,
    "HMAC": by_a_shared_secret,
    "another mail": another_mail,
    "another name": another_name,
    "signature taken away": signature_taken_away,
    "wrapped, forged first": lambda said: wrapped_beside(said, first=True, same_id=False),
    "wrapped, forged first, same id": lambda said: wrapped_beside(said, first=True, same_id=True),
    "wrapped, forged last": lambda said: wrapped_beside(said, first=False, same_id=False),
    "wrapped, forged last, same id": lambda said: wrapped_beside(said, first=False, same_id=True),
    "wrapped in extensions": wrapped_in_extensions,
    "wrapped in extensions, same id": lambda said: wrapped_in_extensions(said, same_id=True),
    "wrapped in the signature": wrapped_in_the_signature,
    "wrapped in the signature, same id": lambda said: wrapped_in_the_signature(said, same_id=True),
    "wrapped in advice": wrapped_in_advice,
    "wrapped in an envelope": wrapped_in_an_envelope,
    "two signed": two_signed,
}


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
NO_ANSWER: dict[str, str] = {
    "nothing": "",
    "no base64": "%%%",
    "no letters": "ą\x00",
    "no XML": idp.packed(b"hello"),
    "other XML": idp.packed(b"<a/>"),
    "half": idp.packed(b"<samlp:Response"),
    "a document type": idp.packed(f"{ENTITY}<a>&b;</a>".encode()),
    "an outer entity": idp.packed(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    "deep": idp.packed(b"<a>" * 5000 + b"</a>" * 5000),
    "large": "A" * (saml.LARGEST + 1),
    "encrypted for nobody": idp.packed(
        f'<Response xmlns="{NS["samlp"]}"><E:EncryptedAssertion xmlns:E="{NS["saml"]}"/></Response>'.encode()
    ),
}


def encrypted(said: Says, for_whom: idp.Pair, **how: Any) -> Any:
    """The signed assertion in a letter that only this pair opens."""
    tree = signed(said, **how)
    assertion = idp.assertion_of(tree)
    data = xmlsec.template.encrypted_data_create(
        tree, xmlsec.Transform.AES256, type=xmlsec.EncryptionType.ELEMENT, ns="xenc"
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(data)
    info = xmlsec.template.encrypted_data_ensure_key_info(data, ns="ds")
    letter = xmlsec.template.add_encrypted_key(info, xmlsec.Transform.RSA_OAEP)
    xmlsec.template.encrypted_data_ensure_cipher_value(letter)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(for_whom.certificate, xmlsec.KeyFormat.CERT_PEM))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(xmlsec.KeyData.AES, 256, xmlsec.KeyDataType.SESSION)
    sealed = context.encrypt_xml(data, assertion)
    place = etree.Element(f"{{{NS['saml']}}}EncryptedAssertion")
    tree.replace(sealed, place)
    place.append(sealed)
    return tree
