"""One TLS setting for everything that talks to Google: the server, refreshes, and signing in.

`SSL_CERT_FILE` (or `SSL_CERT_DIR`) names the certificates that are trusted, else
`REQUESTS_CA_BUNDLE`, else the operating system's store decides.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workspace_mcp.errors import UsageError

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


def tls_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """A context that verifies; make one a process, it takes about 20 ms.

    Raises:
        UsageError: the file or folder named is not there, or holds no certificate.
    """
    for name in _VARIABLES:
        if place := environ.get(name, "").strip():
            return _trusting(name, Path(place).expanduser())
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _trusting(name: str, place: Path) -> ssl.SSLContext:
    remedy = f"Set {name} to a file with certificates in PEM form, or unset it."
    try:
        if place.is_dir():
            return ssl.create_default_context(capath=str(place))
        return ssl.create_default_context(cafile=str(place))
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(
            f"{name}={place} cannot be used ({error.strerror or 'no certificate'}).", remedy
        ) from error
