"""From the cells of a results file to the figures that are shown: ratios within a round, then medians over the rounds."""
import dataclasses
import statistics

LOSSLESS = 0.999  # A share of copies that counts as all of them; a TCP stream may end in the middle of a segment.


@dataclasses.dataclass
class Figure:
    """A median with the spread of the rounds."""
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        values = [v for v in values if v is not None]
        return cls(statistics.median(values), min(values), max(values)) if values else None


class Figures:
    """What one contender did under one load."""

    def __init__(self, cells, bases):
        pairs = [(cell, base) for cell, base in zip(cells, bases) if base]
        self.rate = Figure.of(cell["rate"] for cell in cells)
        self.kept = Figure.of(cell["rate"] / base["rate"] for cell, base in pairs)
        self.sender = Figure.of(cell["sender"] - base["sender"] for cell, base in pairs if "sender" in cell)
        self.machine = Figure.of(per_copy(cell, base) for cell, base in pairs)
        self.delivered = Figure.of(cell.get("delivered") for cell in cells)
        self.median = Figure.of(cell.get("age", {}).get("median") for cell in cells)
        self.p99 = Figure.of(cell.get("age", {}).get("p99") for cell in cells)
        self.oversized = sum(cell["oversized"] for cell in cells)

    @property
    def lossless(self):
        return self.delivered is None or self.delivered.value >= LOSSLESS


def per_copy(cell, base):
    """CPU time of all cores that each copy cost; None where too few arrived to tell."""
    copies = cell["copies"] / cell["units"]
    if copies < 0.005:
        return None
    return (cell["machine"] - base["machine"]) / copies


def all_figures(results):
    """{(load, contender): Figures}"""
    by_place = {(c["round"], c["load"], c["contender"]): c for c in results["cells"]}
    rounds = sorted({c["round"] for c in results["cells"]})
    figures = {}
    for load in results["loads"]:
        for key, contender in results["contenders"].items():
            mine = [by_place[r, load, key] for r in rounds if (r, load, key) in by_place]
            bases = [by_place.get((r, load, contender["baseline"])) for r in rounds if (r, load, key) in by_place]
            if mine:
                figures[load, key] = Figures(mine, bases)
    return figures
