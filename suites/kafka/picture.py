"""A failover as a picture: what clients got, what was done, and what each broker showed of leaders and ISRs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes a second, and no collection has to wait for it
    from matplotlib.axes import Axes

COLOURS = ("#4477aa", "#ee9933", "#228855", "#aa3377", "#66ccee", "#bbbb33")
"""Of brokers, in the order of their ids; told apart by people who see colours differently, too."""
SILENT = "#dddddd"
NARROW = 0.09
"""The share of the time axis that a strip needs for a text."""
HEAD = 1.25
"""How high the rates' axis is, in shares of the highest; ROWS of texts of outages fit below that."""
ROWS = 6


@dataclass(frozen=True)
class Count:
    """From `start` on for the picture's `every` seconds: records."""

    start: float
    acknowledged: int
    failed: int
    read: int


@dataclass(frozen=True)
class Strip:
    """A partition as one broker showed it from `start` to `end`; `leader` None: it did not answer, -1: there is none."""

    broker: int
    partition: int
    start: float
    end: float
    leader: int | None
    isr: Sequence[int] = ()
    full: bool = False


@dataclass(frozen=True)
class Moment:
    """A line across the picture."""

    at: float
    told: str


@dataclass(frozen=True)
class Gap:
    """A time without an acknowledgement for a partition."""

    partition: int
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """All that is drawn, in seconds from the same moment, which is the picture's zero."""

    title: str
    every: float
    counts: Sequence[Count]
    moments: Sequence[Moment]
    strips: Sequence[Strip]
    gaps: Sequence[Gap] = field(default_factory=tuple)


def drawn(timeline: Timeline) -> bytes:
    """A PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    partitions = sorted({strip.partition for strip in timeline.strips})
    figure = Figure(figsize=(11, 3.2 + 0.95 * len(partitions)), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    heights = [3.0, *(1.0 for _ in partitions)]
    flow, *panels = figure.subplots(1 + len(partitions), 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0]
    figure.suptitle(timeline.title, fontsize=11)
    _flow(flow, timeline)
    brokers = sorted(
        {strip.broker for strip in timeline.strips} | {strip.leader for strip in timeline.strips if (strip.leader or -1) > 0}
    )
    colours = {each: COLOURS[place % len(COLOURS)] for place, each in enumerate(brokers)}
    for partition, panel in zip(partitions, panels, strict=True):
        _strips(panel, [strip for strip in timeline.strips if strip.partition == partition], colours, _length(timeline))
        panel.set_ylabel(f"partition {partition}", fontsize=8)
    for axes in (flow, *panels):
        for moment in timeline.moments:
            axes.axvline(moment.at, color="#cc3311", linewidth=1.2, linestyle="--", zorder=2)
    axes = panels[-1] if panels else flow
    axes.set_xlabel("seconds since the fault", fontsize=9)
    axes.set_xlim(*_bounds(timeline))
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _bounds(timeline: Timeline) -> tuple[float, float]:
    starts = [each.start for each in timeline.counts] + [moment.at for moment in timeline.moments]
    ends = [each.start + timeline.every for each in timeline.counts] + [moment.at for moment in timeline.moments]
    return min(starts, default=0.0), max(ends, default=1.0)


def _length(timeline: Timeline) -> float:
    first, last = _bounds(timeline)
    return last - first


def _flow(axes: "Axes", timeline: Timeline) -> None:
    """Rates, outages shaded, what was done written at its line."""
    middle = [each.start + timeline.every / 2 for each in timeline.counts]
    rates = {
        what: [getattr(each, what) / timeline.every for each in timeline.counts] for what in ("acknowledged", "read", "failed")
    }
    top = max([*rates["acknowledged"], *rates["failed"], 1.0])
    axes.plot(middle, rates["acknowledged"], color="#222222", linewidth=1.6, label="acknowledged")
    axes.plot(middle, rates["read"], ":", color="#4477aa", linewidth=1.4, label="read")
    axes.bar(middle, rates["failed"], timeline.every, color="#cc3311", alpha=0.7, label="refused or indeterminate")
    for place, gap in enumerate(sorted(timeline.gaps, key=lambda gap: gap.partition)):
        axes.axvspan(gap.start, gap.end, color="#cc3311", alpha=0.10, linewidth=0)
        told = f"partition {gap.partition}: {1000 * (gap.end - gap.start):.0f} ms"
        height = top * (0.95 - 0.13 * (place % ROWS))
        axes.text(max(gap.start, 0.0), height, f"  {told}", fontsize=8, color="#aa2200", clip_on=True)
    for moment in timeline.moments:
        axes.text(moment.at, HEAD * top, f" {moment.told}", fontsize=8, va="top", color="#cc3311", clip_on=True)
    axes.set_ylim(0, HEAD * top)
    axes.set_ylabel("records a second", fontsize=9)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, fontsize=7, frameon=False)


def _strips(axes: "Axes", strips: Sequence[Strip], colours: Mapping[int, str], length: float) -> None:
    """A row a broker: the colour is the leader's, paler where the ISR is not full."""
    rows = sorted({strip.broker for strip in strips}, reverse=True)
    for strip in strips:
        row, width = rows.index(strip.broker), strip.end - strip.start
        known = strip.leader is not None and strip.leader >= 0
        colour = _shade(colours[strip.leader] if known and strip.leader is not None else SILENT, full=strip.full)
        axes.barh(
            row,
            width,
            0.84,
            strip.start,
            color=colour,
            hatch=None if known else "///",
            edgecolor="white",
        )
        if width > NARROW * length:
            label = {"facecolor": colour, "edgecolor": "none", "pad": 1.0}  # no line goes through the words
            middle = strip.start + width / 2
            axes.text(middle, row, _told(strip), ha="center", va="center", fontsize=6.5, clip_on=True, bbox=label, zorder=3)
    axes.set_yticks(range(len(rows)), [f"broker {each}" for each in rows], fontsize=7)
    axes.set_ylim(-0.5, len(rows) - 0.5)


def _shade(colour: str, *, full: bool) -> str:
    """Mixed with white: nothing shines through, and words can hide a line."""
    share = 0.85 if full else 0.45
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


def _told(strip: Strip) -> str:
    if strip.leader is None:
        return "silent"
    leader = f"leader {strip.leader}" if strip.leader >= 0 else "no leader"
    return f"{leader}, ISR {','.join(map(str, strip.isr))}"
