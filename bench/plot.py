"""Bar charts as SVG, written by hand: small files, readable in light and in dark.

A chart is panels side by side, a panel is rows of bars that share a scale.
"""
import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH, COLUMNS = 1080, 2
ROW, BAR, LABEL, VALUE, GAP, HEAD = 20, 12, 212, 132, 16, 46

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.panel { font-weight: 600 }
.quiet { fill: #57606a }
.ours { fill: #0969da; stroke: #0969da } .kernel { fill: #bc4c00; stroke: #bc4c00 }
.user { fill: #1a7f37; stroke: #1a7f37 } .ovs { fill: #8250df; stroke: #8250df }
.hollow { fill-opacity: 0.2 }
.axis { stroke: #8c959f; stroke-width: 1 } .spread { stroke: #24292f; stroke-width: 1 }
text.strong { font-weight: 600 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #8d96a0 } .spread { stroke: #e6edf3 }
.ours { fill: #4493f8; stroke: #4493f8 } .kernel { fill: #db6d28; stroke: #db6d28 }
.user { fill: #3fb950; stroke: #3fb950 } .ovs { fill: #ab7df8; stroke: #ab7df8 }
}
"""


@dataclasses.dataclass
class Bar:
    label: str
    family: str             # A class of the style.
    value: float = None     # None: there is nothing to show but the text.
    low: float = None       # The spread over the rounds.
    high: float = None
    text: str = ""
    hollow: bool = False    # Drawn pale: the value was paid for with lost copies.


@dataclasses.dataclass
class Panel:
    title: str
    bars: list
    logarithmic: bool = False
    reference: float = None  # A value to mark by a line.


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


class Scale:
    """Values to pixels; a logarithmic one begins at the power of ten below the smallest."""

    def __init__(self, panel, width):
        values = [v for bar in panel.bars for v in (bar.value, bar.high) if v] + [panel.reference or 0]
        self.width, self.logarithmic, self.maximum = width, panel.logarithmic, max(values) or 1
        if self.logarithmic:
            smallest = min(v for v in values if v > 0)
            self.begin = math.floor(math.log10(smallest))
            self.span = max(math.log10(self.maximum) - self.begin, 0.1)

    def place(self, value):
        if not self.logarithmic:
            return max(value, 0) / self.maximum * self.width
        return max((math.log10(value) - self.begin) / self.span, 0) * self.width if value > 0 else 0


def draw_bar(bar, x, y, scale):
    strong = ' class="strong"' if bar.family == "ours" else ""
    yield f'<text x="{x + LABEL - 8}" y="{y + 10}" text-anchor="end"{strong}>{escape(bar.label)}</text>'
    left, end = x + LABEL, 0
    if bar.value is not None:
        end = scale.place(bar.value)
        kind = f"{bar.family} hollow" if bar.hollow else bar.family
        yield f'<rect class="{kind}" x="{left}" y="{y}" width="{number(end)}" height="{BAR}"/>'
    if bar.low is not None and bar.high > bar.low:
        a, b = left + scale.place(bar.low), left + scale.place(bar.high)
        yield f'<path class="spread" d="M{number(a)} {y + BAR / 2}H{number(b)}"/>'
        end = max(end, b - left)
    yield f'<text class="quiet" x="{number(left + end + 6)}" y="{y + 10}">{escape(bar.text)}</text>'


def draw_panel(panel, x, y, width):
    scale = Scale(panel, width - LABEL - VALUE)
    bottom = y + 12 + ROW * len(panel.bars)
    yield f'<text class="panel" x="{x + LABEL}" y="{y}">{escape(panel.title)}</text>'
    yield f'<path class="axis" d="M{x + LABEL} {y + 8}V{bottom}"/>'
    if panel.reference:
        place = number(x + LABEL + scale.place(panel.reference))
        yield f'<path class="axis" stroke-dasharray="2 3" d="M{place} {y + 8}V{bottom}"/>'
    for index, bar in enumerate(panel.bars):
        yield from draw_bar(bar, x, y + 14 + ROW * index, scale)


def chart(title, note, panels):
    """The whole SVG as text."""
    width = (WIDTH - GAP) // COLUMNS
    lines, y = [], HEAD + 26
    for start in range(0, len(panels), COLUMNS):
        row = panels[start:start + COLUMNS]
        for column, panel in enumerate(row):
            lines += draw_panel(panel, column * (width + GAP), y, width)
        y += max(len(panel.bars) for panel in row) * ROW + 46
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y - 20}" role="img" '
            f'aria-label="{escape(title)}">', f"<style>{STYLE}</style>",
            f'<text class="title" x="0" y="18">{escape(title)}</text>',
            f'<text class="quiet" x="0" y="38">{escape(note)}</text>']
    return "\n".join(head + lines + ["</svg>"]) + "\n"
