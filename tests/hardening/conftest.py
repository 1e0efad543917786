"""The vault and the nonconformity that tests of evidence use."""

from tests.evidence.conftest import nc, vault_folder

__all__ = ["nc", "vault_folder"]
