"""The daemon's own metrics, from zero and with labels that are known beforehand."""

from __future__ import annotations

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from meterd.sinks.own_metrics import (
    REASONS,
    REFUSALS,
    LinkFigures,
    OwnMetrics,
    QueueFigures,
    SinkFigures,
)

Key = tuple[str, tuple[str, ...]]


def declared() -> OwnMetrics:
    own = OwnMetrics("0.1.0")
    own.declare(["hall", "riser"], ["readings"], ["mqtt"])
    return own


def shown(own: OwnMetrics) -> dict[Key, float]:
    body = own.render(openmetrics=True).decode() + "# EOF\n"
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(body)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


def test_every_series_is_there_from_the_start_at_zero() -> None:
    values = shown(declared())
    assert values["meterd_polls_total", ("riser",)] == 0
    assert values["meterd_queue_drops_total", ("readings",)] == 0
    assert values["meterd_sink_up", ("mqtt",)] == 0
    refused = {labels for name, labels in values if name == "meterd_http_refused_total"}
    assert refused == {(reason,) for reason in REFUSALS}
    assert values["meterd_build_info", ("0.1.0",)] == 1
    reasons = {labels[1] for name, labels in values if name == "meterd_poll_failures_total"}
    assert reasons == set(REASONS)


def test_figures_are_shown_in_seconds_and_under_known_reasons() -> None:
    own = declared()
    failures = {"timeout": 2, "10.0.0.7 said nonsense": 1, "moonlight": 3}
    own.links["hall"] = LinkFigures(True, 20, failures, 1500, 250)
    own.queues["readings"] = QueueFigures(7, 3)
    own.sinks["mqtt"] = SinkFigures(True, 9)
    own.refused = {"tokens": 4}
    values = shown(own)
    assert values["meterd_http_refused_total", ("tokens",)] == 4
    assert values["meterd_connection_up", ("hall",)] == 1
    assert values["meterd_polls_total", ("hall",)] == 20
    assert values["meterd_poll_duration_seconds_count", ("hall",)] == 20
    assert values["meterd_poll_duration_seconds_sum", ("hall",)] == 1.5
    assert values["meterd_poll_lateness_seconds", ("hall",)] == 0.25
    assert values["meterd_poll_failures_total", ("hall", "timeout")] == 2
    assert values["meterd_poll_failures_total", ("hall", "other")] == 4
    assert values["meterd_queue_depth", ("readings",)] == 7
    assert values["meterd_queue_drops_total", ("readings",)] == 3
    assert values["meterd_outbox_depth", ("mqtt",)] == 9
    assert set(values) == set(shown(declared()))


def test_commits_are_counted_by_how_long_they_took() -> None:
    own = declared()
    own.committed(0.004)
    own.committed(30)
    values = shown(own)
    assert values["meterd_commit_duration_seconds_count", ()] == 2
    assert values["meterd_commit_duration_seconds_bucket", ("0.005",)] == 1
    assert values["meterd_commit_duration_seconds_bucket", ("5.0",)] == 1


def test_a_reload_keeps_what_stays_and_ends_what_goes() -> None:
    own = declared()
    own.links["hall"] = LinkFigures(polls=5)
    own.declare(["hall", "new"], [], [])
    values = shown(own)
    assert values["meterd_polls_total", ("hall",)] == 5
    assert values["meterd_polls_total", ("new",)] == 0
    assert ("meterd_polls_total", ("riser",)) not in values
    assert ("meterd_queue_depth", ("readings",)) not in values


def test_the_classic_text_has_no_series_of_creation_times() -> None:
    own = declared()
    own.committed(1)
    assert b"_created" not in own.render(openmetrics=False)
    assert b"_created" not in own.render(openmetrics=True)
