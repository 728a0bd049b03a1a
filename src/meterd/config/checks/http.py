"""The web server: where it listens, by which names, and whom it believes."""

from __future__ import annotations

import re
from importlib.util import find_spec
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from meterd.config.findings import Path
from meterd.config.http import HttpConfig, OidcConfig, ProxyConfig, is_beyond_loopback
from meterd.config.models import Config
from meterd.config.report import Report

_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_HEADER: Final = re.compile(r"[A-Za-z0-9-]+")


def check_http(config: Config, report: Report) -> None:
    """All of it."""
    http = config.http
    if http is None:
        return
    check_listen(report, ("http", "listen"), http.listen, "127.0.0.1:9850")
    for index, name in enumerate(http.names):
        if not _HOST.fullmatch(name):
            message = f'"{name}" is no name of a host'
            report.error(("http", "names", index), message, "Write it as meter.example.")
    if (http.cert_file is None) != (http.key_file is None):
        report.error(("http",), "cert_file and key_file belong together", "Write both or neither.")
    if http.url is not None:
        _check_url(report, http.url)
    if http.proxy is not None:
        _check_proxy(report, ("http", "proxy"), http.proxy)
    if http.oidc is not None:
        _check_oidc(report, http, http.oidc)
    _check_plaintext(report, http)


def check_listen(report: Report, path: Path, listen: str, example: str) -> None:
    """HOST:PORT."""
    host, colon, port = listen.rpartition(":")
    valid = bool(host) and colon and port.isdecimal() and len(port) < 6 and int(port) <= 65535
    if not valid or (":" in host and not (host[0] == "[" and host[-1] == "]")):
        report.error(path, f'"{listen}" is no address to listen on', f'Write it as "{example}".')


def _check_url(report: Report, text: str) -> None:
    try:
        url = urlsplit(text)
        valid = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
        valid = valid and not (url.username or url.query or url.fragment or url.path.strip("/"))
    except ValueError:  # a port or an address that is none
        valid = False
    if not valid:
        report.error(("http", "url"), f'"{text}" is no URL', "Write it as https://meter.example.")


def _check_proxy(report: Report, path: Path, proxy: ProxyConfig) -> None:
    """Whoever may write the header is whoever they like, so it must be said who may."""
    if not proxy.trusted and not report.broken(*path):
        remedy = "Write the proxy's address, as in [127.0.0.1/32]."
        report.error((*path, "trusted"), "nobody is trusted", remedy)
    for index, text in enumerate(proxy.trusted):
        try:
            everybody = ip_network(text).prefixlen == 0
        except ValueError:
            message = f'"{text}" is no address or network'
            report.error((*path, "trusted", index), message, "Write it as 10.1.0.5/32.")
            continue
        if everybody:
            remedy = "Anybody could be anybody. Write the proxy's own address."
            report.error((*path, "trusted", index), f"{text} is every address there is", remedy)
    for key in ("user_header", "roles_header"):
        header = getattr(proxy, key)
        if header is not None and not _HEADER.fullmatch(header):
            report.error((*path, key), f'"{header}" is no header', "Write it as X-Remote-User.")
    if proxy.user_header is None and (proxy.roles_header or proxy.levels):
        remedy = "Write the header in which the proxy says who somebody is: X-Remote-User."
        report.error(path, "roles are nobody's without the key user_header", remedy)


def _check_oidc(report: Report, http: HttpConfig, oidc: OidcConfig) -> None:
    """Tokens come from it, so nobody may stand in between; and it must know where we are."""
    path: Path = ("http", "oidc")
    if find_spec("joserfc") is None:
        report.error(path, "it needs joserfc", "Install it: pip install 'meterd[oidc]'.")
    if http.url is None and not report.broken("http", "url"):
        remedy = "Write url: https://meter.example; the provider sends people back there."
        report.error(("http",), "oidc needs the key url", remedy)
    if report.broken(*path, "issuer"):
        return
    issuer = urlsplit(oidc.issuer)
    safe = issuer.scheme == "https" or issuer.hostname in {"localhost", "127.0.0.1", "::1"}
    if issuer.scheme not in {"http", "https"} or not issuer.hostname or issuer.query:
        message = f'"{oidc.issuer}" is no URL'
        report.error((*path, "issuer"), message, "Write it as https://login.example/realm.")
    elif not safe:
        report.error((*path, "issuer"), "it is reached in the clear", "Write https://.")
    if "openid" not in oidc.scopes.split():
        report.error((*path, "scopes"), "openid is not among them", "Write openid profile email.")


def _check_plaintext(report: Report, http: HttpConfig) -> None:
    """Passwords and tokens that cross a network can be read there."""
    if report.broken("http", "listen") or http.cert_file or http.proxy:
        return
    if is_beyond_loopback(http.listen) and not (http.url or "").startswith("https://"):
        message = f"{http.listen} is beyond this host, and passwords cross the network in the clear"
        remedy = "Write cert_file and key_file, or url: https://... where a proxy does TLS."
        report.warn(("http", "listen"), message, remedy)
