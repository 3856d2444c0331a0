"""Charts as SVG text: bars by powers of ten, and lines over time one above the other. No library, no script."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 760
_LEFT = 250
_RIGHT = 90
_BAR = 16
_GAP = 12
_HEAD = 58
_PANEL = 110
_COLOURS = ("#1d5fa8", "#6f7b87", "#aab4bd", "#c77d1e", "#7a4fa3")
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#222}.head{font-size:15px;font-weight:600}"
    ".small{font-size:11px;fill:#555}"
    ".grid{stroke:#ddd}.line{fill:none;stroke:#1d5fa8;stroke-width:1.6}"
)


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that stand together, by what each is of."""

    label: str
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One line over time: (minutes, value), in order."""

    label: str
    unit: str
    points: Sequence[tuple[float, float]]


def bars(title: str, unit: str, groups: Sequence[Group]) -> str:
    """Draw groups of bars on one scale of powers of ten, with the number at the end of each."""
    names = list(dict.fromkeys(name for group in groups for name in group.values))
    largest = max((value for group in groups for value in group.values.values()), default=1.0)
    decades = max(1, math.ceil(math.log10(max(largest, 10))))
    height = _HEAD + 24 + sum(len(group.values) * _BAR + _GAP for group in groups)
    parts = [_text(12, 22, title, "head"), *_legend(names), *_decades(decades, height, unit)]
    y = _HEAD
    for group in groups:
        parts.append(_text(12, y + len(group.values) * _BAR / 2 + 4, group.label))
        for name, value in group.values.items():
            width = max(1.0, _scaled(value, decades))
            colour = _COLOURS[names.index(name) % len(_COLOURS)]
            parts.append(f'<rect x="{_LEFT}" y="{y:.0f}" width="{width:.1f}" height="{_BAR - 3}" fill="{colour}"/>')
            parts.append(_text(_LEFT + width + 5, y + _BAR - 5, _short(value), "small"))
            y += _BAR
        y += _GAP
    return _svg(height, title, parts)


def lines(title: str, panels: Sequence[Panel]) -> str:
    """Draw a line for each panel over the same minutes, each on a scale that begins at nothing."""
    until = max((minute for panel in panels for minute, _ in panel.points), default=1.0) or 1.0
    height = 40 + len(panels) * _PANEL + 24
    parts = [_text(12, 22, title, "head")]
    for number, panel in enumerate(panels):
        parts += _panel(panel, 40 + number * _PANEL, until)
    parts.append(_text(_LEFT, height - 8, f"0 to {until:.1f} minutes", "small"))
    return _svg(height, title, parts)


def _panel(panel: Panel, top: float, until: float) -> Iterator[str]:
    tall = _PANEL - 26
    largest = max((value for _, value in panel.points), default=0.0) * 1.1 or 1.0
    wide = _WIDTH - _LEFT - _RIGHT
    yield _text(12, top + tall / 2, panel.label)
    yield _text(12, top + tall / 2 + 15, panel.unit, "small")
    for value in (0.0, largest / 1.1):
        y = top + tall - tall * value / largest
        yield f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + wide}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(_LEFT + wide + 5, y + 4, _short(value), "small")
    points = " ".join(
        f"{_LEFT + wide * minute / until:.1f},{top + tall - tall * value / largest:.1f}"
        for minute, value in panel.points
    )
    yield f'<polyline class="line" points="{points}"/>'


def _legend(names: Sequence[str]) -> Iterator[str]:
    x = 12.0
    for name, colour in zip(names, _COLOURS, strict=False):
        yield f'<rect x="{x:.0f}" y="34" width="11" height="11" fill="{colour}"/>'
        yield _text(x + 16, 44, name, "small")
        x += 30 + 6.4 * len(name)


def _decades(decades: int, height: float, unit: str) -> Iterator[str]:
    for decade in range(decades + 1):
        x = _LEFT + _scaled(10**decade, decades)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEAD - 6}" y2="{height - 22:.0f}"/>'
        yield _text(x - 4, height - 8, _short(10**decade), "small")
    yield _text(12, height - 8, unit, "small")


def _scaled(value: float, decades: int) -> float:
    return (_WIDTH - _LEFT - _RIGHT) * max(0.0, math.log10(max(value, 1.0))) / decades


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    known = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{known}>{escape(text)}</text>'


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    inner = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">\n<style>{_STYLE}</style>\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{inner}\n</svg>\n'
    )
