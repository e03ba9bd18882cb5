"""How is what this process counts read by its operator's tools?"""

import os
from collections.abc import Iterable

from keysteward.actions.checkpoint_copies import Standing
from keysteward.actions.context import Context
from keysteward.actions.counts import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def page(ctx: Context, copy: Standing | None = None) -> str:
    """Everything, in the text format of Prometheus; `copy` is how the copy of the checkpoints stands."""
    waiting, age = ctx.recorder.waiting, ctx.directory.silent_seconds
    metrics: list[tuple[str, str, str, list[Sample]]] = [
        ("calls_total", "counter", "API calls, whose token verified.", ctx.counts.calls()),
        ("refusals_total", "counter", "Refused requests, API calls or not.", ctx.counts.refusals()),
        ("recorder_waiting", "gauge", "Calls that wait to become durable.", [({}, waiting)]),
        ("epoch_age_seconds", "gauge", "Since when the database has said nothing.", [] if age is None else [({}, age)]),
        ("limits_apart", "gauge", "1 while this process counts limits by itself.", [({}, int(ctx.meter.is_apart))]),
        (
            "webhook_deliveries_waiting",
            "gauge",
            "Deliveries to webhooks that nobody took yet.",
            ctx.counts.webhooks(ctx.machine_clock()),
        ),
        ("policy_version", "gauge", "The policy in force.", [({}, ctx.policy.version)]),
    ]
    if copy is not None:
        says = "Signed checkpoints that the copy outside of the database lacks."
        metrics.append(("checkpoints_uncopied", "gauge", says, [({}, copy.missing)]))
        says = "1 while that copy cannot be written."
        metrics.append(("checkpoint_copy_failing", "gauge", says, [({}, int(bool(copy.failure)))]))
    always = {"environment": ctx.environment, "process": str(os.getpid())}
    return "".join(_metric(name, kind, says, always, samples) for name, kind, says, samples in metrics)


def _metric(name: str, kind: str, says: str, always: dict[str, str], samples: Iterable[Sample]) -> str:
    whole = f"keysteward_{name}"
    lines = [f"# HELP {whole} {says}", f"# TYPE {whole} {kind}"]
    lines += [f"{whole}{{{_labels(always | labels)}}} {value:g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    """Names that need no escape: they are ours, or were checked when the policy was applied."""
    return ",".join(f'{name}="{value}"' for name, value in labels.items())
