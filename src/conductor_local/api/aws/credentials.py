"""Who asks, as far as a signature tells: the credential scope of a SigV4 `Authorization` header.

Rules: signatures are not checked, for nobody here knows a secret; the access key id is looked at where the server wants a token. A
key of twelve digits names the caller's account, as other local stand-ins for AWS have it.
"""

import re
from dataclasses import dataclass

ALGORITHM = b"AWS4-HMAC-SHA256"
_SCOPE = re.compile(rb"AWS4-HMAC-SHA256\s+Credential=(\S+)/\d{8}/([a-z0-9-]{1,32})/[a-z0-9-]{1,32}/aws4_request[,\s]")
_ACCOUNT = re.compile(r"[0-9]{12}")
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


@dataclass(frozen=True, slots=True)
class Credentials:
    """A credential scope; the bare `Credentials()` is that of a caller who shows none."""

    key: str = ""
    region: str = "us-east-1"

    @property
    def account(self) -> str:
        """The account that the key names, else that of nobody in particular."""
        return self.key if _ACCOUNT.fullmatch(self.key) else "000000000000"

    @property
    def partition(self) -> str:
        """The part of AWS's world that the region is in."""
        return next((partition for prefix, partition in _PARTITIONS if self.region.startswith(prefix)), "aws")


def credentials(authorization: bytes) -> Credentials | None:
    """Read an `Authorization` header; None: it is no signature, or one without a sound scope."""
    found = _SCOPE.match(authorization)
    return None if found is None else Credentials(found[1].decode("latin-1"), found[2].decode())
