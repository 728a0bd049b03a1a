"""The site, its connections and its brokers."""

from __future__ import annotations

from functools import cache
from typing import Final
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from meterd.config.checks.bacnet import check_bacnet_link
from meterd.config.checks.http import check_http, check_listen
from meterd.config.connections import Bacnet, ModbusRtu, Snmp
from meterd.config.demand import demand_spec
from meterd.config.findings import Path
from meterd.config.models import Config
from meterd.config.report import Report
from meterd.config.site import DemandConfig, DemandFlowConfig, MqttConfig, SparkplugConfig
from meterd.config.values import duration_text

DAY_MS: Final = 86_400_000
MIN_SAMPLING_MS: Final = 1000
MIN_WINDOW_MS: Final = 1000
MIN_TIMEOUT_MS: Final = 10


def check_site(config: Config, report: Report) -> None:
    """Everything that is there once."""
    zone = config.site.timezone
    if not (zone == "" and report.broken("site")) and not _is_zone(zone):
        remedy = report.guess(zone, available_timezones(), "Write it as Europe/Berlin.")
        report.error(("site", "timezone"), f'no time zone "{zone}"', remedy)
    if not MIN_SAMPLING_MS <= config.sampling <= DAY_MS:
        report.error(("sampling",), "the interval is out of range", "It must be from 1s to 1d.")
    check_demand(config, report, ("site", "demand"), config.site.demand)
    check_connections(config, report)
    _check_serial(config, report)
    check_http(config, report)
    mqtt: Path = ("mqtt",)
    several = isinstance(config.mqtt, tuple)
    for index, broker in enumerate(config.brokers):
        check_broker(report, (*mqtt, index) if several else mqtt, broker)
    if config.demandflow is not None and not report.broken("demandflow"):
        check_demandflow(report, config.demandflow)


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder
        return False
    return True


def check_demand(config: Config, report: Report, path: Path, own: DemandConfig) -> None:
    """Intervals fill the step and steps the window, in what is said and what is inherited."""
    inherited = (path, ("site", "demand"), ("sampling",))
    if own == DemandConfig() or any(report.broken(*where) for where in inherited):
        return
    for key, length in (("window", own.window), ("step", own.step)):
        if length is not None and not MIN_WINDOW_MS <= length <= DAY_MS:
            report.error((*path, key), f"the {key} is out of range", "It must be from 1s to 1d.")
            return
    spec = demand_spec(own, config.site.demand, config.sampling)
    window, step = duration_text(spec.window_ms), duration_text(spec.step_ms)
    if spec.window_ms % spec.step_ms:
        message = f"the step of {step} does not divide the window of {window}"
        report.error(path, message, "Write a step such as 5m of a window of 15m.")
    elif spec.step_ms % config.sampling:
        message = f"intervals of {duration_text(config.sampling)} do not fill a step of {step}"
        report.error(path, message, "Change the step, the window or sampling:.")


def check_connections(config: Config, report: Report) -> None:
    """Timeouts, and what SNMP needs to log in."""
    for name, link in config.connections.items():
        path: Path = ("connections", name)
        if isinstance(link, Bacnet):
            check_bacnet_link(report, path, link)
        if link.timeout < MIN_TIMEOUT_MS:
            report.error((*path, "timeout"), "the timeout is too short", "Give it 10ms or more.")
        if isinstance(link, Snmp) and not report.broken(*path):
            _check_snmp(report, path, link)
            _check_traps(config, report, path, link)


def _check_serial(config: Config, report: Report) -> None:
    """A serial port is one line, and one task's."""
    first: dict[str, str] = {}
    for name, link in config.connections.items():
        if isinstance(link, ModbusRtu) and not report.broken("connections", name):
            other = first.setdefault(link.port, name)
            if other != name:
                message = f"{link.port} is the connection {other} too"
                remedy = "Put its meters on one connection, which asks one at a time."
                report.error(("connections", name, "port"), message, remedy)


def _check_snmp(report: Report, path: Path, link: Snmp) -> None:
    if link.version == "3":
        if link.user is None:
            remedy = "SNMP version 3 logs in with user: NAME."
            report.error((*path, "user"), "the key is missing", remedy)
        if link.privacy is not None and link.auth is None:
            remedy = "There is no privacy without authentication."
            report.error((*path, "auth"), "the key is missing", remedy)
        if link.community is not None:
            report.error((*path, "community"), "version 3 has no community", "Drop it.", key=True)
        for key, secret in (("auth", link.auth), ("privacy", link.privacy)):
            if secret is not None and not secret.password.reveal():
                report.error((*path, key, "password"), "it is empty", "Agents take no such one.")
        return
    if link.community is None:
        remedy = 'Write community: "${env:SNMP_COMMUNITY}".'
        report.error((*path, "community"), "the key is missing", remedy)
    for key in ("user", "auth", "privacy"):
        if getattr(link, key) is not None:
            message = f"version {link.version} has no {key}"
            report.error((*path, key), message, "Drop it, or write version: 3.", key=True)


def _check_traps(config: Config, report: Report, path: Path, link: Snmp) -> None:
    if link.traps is None:
        return
    where = (*path, "traps", "listen")
    check_listen(report, where, link.traps.listen, "0.0.0.0:162")
    others = [
        name
        for name, other in config.connections.items()
        if isinstance(other, Snmp) and other.traps == link.traps
    ]
    if others[0] != path[-1]:
        message = f"{link.traps.listen} is listened on for {others[0]} too"
        report.error(where, message, "Give each connection a port of its own.")


def check_broker(report: Report, path: Path, broker: MqttConfig) -> None:
    """A URL of a broker, a topic without wildcards, no password in the clear."""
    topics: dict[Path, str] = {("topic",): broker.topic}
    if broker.home_assistant is not None:
        topics["home_assistant", "prefix"] = broker.home_assistant.prefix
        topics["home_assistant", "birth_topic"] = broker.home_assistant.birth_topic
    for key, topic in topics.items():
        odd = set("+#") & set(topic) or topic.startswith("$") or not topic.isprintable()
        if not topic.strip("/") or odd:
            message = f'"{topic}" cannot begin a topic'
            report.error((*path, *key), message, "Write plain levels, as in meterd or site/power.")
    if broker.sparkplug is not None:
        _check_sparkplug(report, (*path, "sparkplug"), broker.sparkplug)
    if (broker.cert_file is None) != (broker.key_file is None):
        report.error(path, "cert_file and key_file belong together", "Write both or neither.")
    if report.broken(*path, "url"):
        return
    url = _split(broker.url.reveal())
    if url is None or url.scheme not in {"mqtt", "mqtts"} or not url.hostname:
        remedy = "Write mqtt://HOST:1883, or mqtts:// for TLS."
        report.error((*path, "url"), "that is no broker's URL", remedy)
        return
    secret = broker.password is not None or bool(url.password)
    local = _is_local(url.hostname) or broker.allow_plaintext
    if secret and url.scheme == "mqtt" and not local:
        message = "the password crosses the network in the clear"
        report.error((*path, "url"), message, "Use mqtts://, or say allow_plaintext: true.")


def _check_sparkplug(report: Report, path: Path, sparkplug: SparkplugConfig) -> None:
    """Each name is one level of a topic."""
    for key in ("group", "node", "primary_host"):
        name = getattr(sparkplug, key)
        if name is not None and (not name.strip() or set("/+#\0") & set(name)):
            remedy = "Write a word without / + and #."
            report.error((*path, key), f'"{name}" is no Sparkplug id', remedy)


def check_demandflow(report: Report, flow: DemandFlowConfig) -> None:
    """A URL, a token that stays secret on the way, and what creating objects needs."""
    url = _split(flow.url)
    if url is None or url.scheme not in {"http", "https"} or not url.hostname or url.username:
        remedy = "Write https://HOST, without credentials."
        report.error(("demandflow", "url"), "that is no service's URL", remedy)
        return
    if url.scheme == "http" and not (_is_local(url.hostname) or flow.allow_plaintext):
        message = "the token crosses the network in the clear"
        remedy = "Use https://, or say allow_plaintext: true."
        report.error(("demandflow", "url"), message, remedy)
    token = flow.token.reveal()
    if not token or token != "".join(token.split()):
        report.error(("demandflow", "token"), "the token is empty or has blanks", "Copy it again.")
    if flow.create and not flow.sub_id:
        remedy = "Objects are created in a subscriber's tenant: write its id."
        report.error(("demandflow", "sub_id"), "the key is missing", remedy)
    if not flow.min_interval:
        report.error(("demandflow", "min_interval"), "the time is zero", "Write 60s, or so.")


def _is_local(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
