"""Tables and plots of what bench/scale measured."""
import re

from plot import Bar, Panel, chart

COLUMNS = [
    ("controllers", lambda p, f: p["controllers"]),
    ("agents", lambda p, f: f"{p['agents']:,}"),
    ("sessions", lambda p, f: f"{p['agents'] * p['sessions']:,}"),
    ("report every", lambda p, f: f"{p['interval']} s"),
    ("plan at its agent", lambda p, f: milliseconds(f["change"]["after"]["median"])),
    ("p99", lambda p, f: milliseconds(f["change"]["after"]["p99"])),
    ("applied and told", lambda p, f: milliseconds(f["change"]["told"]["median"])),
    ("p99", lambda p, f: milliseconds(f["change"]["told"]["p99"])),
    ("API answers", lambda p, f: milliseconds(f["change"]["answers"]["median"])),
    ("p99", lambda p, f: milliseconds(f["change"]["answers"]["p99"])),
    ("report", lambda p, f: milliseconds(f["idle"]["reports"]["median"])),
    ("p99", lambda p, f: milliseconds(f["idle"]["reports"]["p99"])),
]
LOAD = [
    ("controllers", lambda p, f: p["controllers"]),
    ("agents", lambda p, f: f"{p['agents']:,}"),
    ("sessions", lambda p, f: f"{p['agents'] * p['sessions']:,}"),
    ("report every", lambda p, f: f"{p['interval']} s"),
    ("controllers' CPU", lambda p, f: percent(f["idle"]["cpu"])),
    ("per 1,000 agents", lambda p, f: percent(per_thousand(p, f["idle"]["cpu"]))),
    ("controllers' memory", lambda p, f: f"{f['idle']['resident'] / 2**20:.0f} MiB"),
    ("PostgreSQL's CPU", lambda p, f: percent(f["idle"]["database_cpu"])),
    ("per 1,000 agents", lambda p, f: percent(per_thousand(p, f["idle"]["database_cpu"]))),
    ("statements/s", lambda p, f: f"{f['idle']['statements']:,.0f}"),
    ("reports/s", lambda p, f: f"{reports_per_second(f):,.0f}"),
    ("statements per report", lambda p, f: f"{f['idle']['statements'] / reports_per_second(f):.1f}"),
    ("log written", lambda p, f: f"{f['idle']['log_bytes'] / 2**20:.1f} MiB/s"),
]
STORMS = [
    ("controllers", lambda p, f: p["controllers"]),
    ("agents", lambda p, f: f"{p['agents']:,}"),
    ("sessions", lambda p, f: f"{p['agents'] * p['sessions']:,}"),
    ("report every", lambda p, f: f"{p['interval']} s"),
    ("all come at once: known", lambda p, f: seconds(f["register"]["seconds"])),
    ("have a plan", lambda p, f: seconds(f["poll"]["seconds"])),
    ("controller killed: away", lambda p, f: seconds(f["controller"]["outage"])),
    ("connections lost or refused", lambda p, f: f"{f['controller']['broken']:,}"),
    ("all well after its return", lambda p, f: seconds(f["controller"]["seconds"])),
    ("database stopped: away", lambda p, f: seconds(f["database"]["outage"])),
    ("refused", lambda p, f: f"{f['database']['refused']:,}"),
    ("all well after its return", lambda p, f: seconds(f["database"]["seconds"])),
]


def milliseconds(microseconds):
    return f"{microseconds / 1000:.3g} ms" if microseconds < 1e6 else seconds(microseconds / 1e6)


def seconds(value):
    return f"{value:.1f} s"


def percent(share):
    return f"{share * 100:.0f} %"


def per_thousand(point, value):
    return value / point["agents"] * 1000


def reports_per_second(figures):
    return figures["idle"]["reports"]["count"] / figures["idle"]["seconds"]


def table(results, columns):
    lines = ["| " + " | ".join(title for title, _ in columns) + " |", "|" + "---:|" * len(columns)]
    for point in sorted(results["points"].values(), key=lambda p: (p["controllers"], p["interval"], p["agents"])):
        lines.append("| " + " | ".join(str(show(point, point["figures"])) for _, show in columns) + " |")
    return "\n".join(lines)


def row(point):
    figures = point["figures"]
    return "  ".join(f"{title} {show(point, figures)}" for columns in (COLUMNS, LOAD[4:], STORMS[4:]) for title, show in columns)


def machine(results):
    of = results["machine"]
    return (f"{of['model']}, {of['cores']} cores{', a virtual machine' if of['hypervisor'] else ''}, {of['memory'] / 2**30:.0f} GiB, "
            f"Linux {of['kernel']}, revision {of['revision']}.")


def panels(results):
    points = sorted(results["points"].values(), key=lambda p: (p["controllers"], p["interval"], p["agents"]))

    def panel(title, value, text, logarithmic=False):
        bars = [Bar(f"{p['agents']:,} agents, {p['controllers']} controller{'s' * (p['controllers'] > 1)}, every {p['interval']} s",
                    "ours" if p["controllers"] == 1 else "user", value(p, p["figures"]), text=text(p, p["figures"])) for p in points]
        return Panel(title, bars, logarithmic=logarithmic)

    return [
        panel("From the API's answer to the plan at its agent, p99", lambda p, f: f["change"]["after"]["p99"] / 1000,
              lambda p, f: milliseconds(f["change"]["after"]["p99"]), True),
        panel("All well after a controller's return", lambda p, f: f["controller"]["seconds"],
              lambda p, f: seconds(f["controller"]["seconds"])),
        panel("Controllers, cores", lambda p, f: f["idle"]["cpu"], lambda p, f: percent(f["idle"]["cpu"])),
        panel("PostgreSQL, cores", lambda p, f: f["idle"]["database_cpu"], lambda p, f: percent(f["idle"]["database_cpu"])),
    ]


def fill(document, results):
    """Replaces what stands between markers, and writes the plot."""
    blocks = {"machine": machine(results), "changes": table(results, COLUMNS), "load": table(results, LOAD),
              "storms": table(results, STORMS)}

    def replaced(found):
        return f"<!-- scale:{found.group(1)} -->\n\n{blocks[found.group(1)]}\n\n<!-- scale:end -->"
    document.write_text(re.sub(r"<!-- scale:(\w+) -->.*?<!-- scale:end -->", replaced, document.read_text(), flags=re.S))
    plots = document.parent / "plots"
    plots.mkdir(exist_ok=True)
    (plots / "scale.svg").write_text(chart("A fleet of simulated agents", "Controllers, database and agents share the machine.",
                                           panels(results)))
