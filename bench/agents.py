"""One controller and many agents on long poll (agents.c): what they cost it, and when a change is live at its agent.

The controller has one core to itself and the agents, with the client that changes their sessions, the other, where there
are two.  A thousand hosts, each with a session, are known to it in every row of the table; what differs is how many of their
agents are there.
"""
import tempfile

from extra import Extra
from office import Crowd, Office


class Agents(Extra):
    key, title, seconds = "agents", "one controller with many agents on long poll", 110
    rate = 20

    def measure(self):
        hosts, seconds = (100, 2) if self.quick else (1000, 10)
        counts = (0, hosts // 10, hosts)
        rows = []
        with tempfile.TemporaryDirectory(prefix="tmirror-agents-", dir="/var/tmp") as directory:
            office = Office(directory)
            try:
                sessions, rule = office.settle(hosts)
                for count in counts:
                    rows.append({"agents": count, **self.row(office, sessions, rule, count, seconds)})
            finally:
                office.close()
        return {"hosts": hosts, "rate": self.rate, "rows": rows}

    def row(self, office, sessions, rule, count, seconds):
        with Crowd(office, sessions, count) as crowd:
            figures = {"register": crowd.tell("register"), "poll": crowd.tell("poll")}
            crowd.tell("idle", 2)  # All have reported at once, because all have had a plan.
            figures["idle"] = crowd.tell("idle", seconds)
            figures["change"] = crowd.tell("change", self.rate, seconds)
            if count:
                figures["rule"] = crowd.tell("rule", rule, 5 if self.quick else 20)
        return figures

    def show(self, data):
        lines = ["| agents | resident | of a core, idle | of a core, changes | API answers | p99 | live at its agent | p99 | max |"
                 " after the answer | p99 | max |", "|---:|" + "---:|" * 11]
        for row in data["rows"]:
            change = row["change"]
            lines.append(f"| {row['agents']:,} | {change['resident'] / 2**20:.0f} MiB | {share(row['idle'])} | {share(change)} | "
                         f"{times(change, 'answers', 'median', 'p99')} | {times(change, 'live', 'median', 'p99', 'max')} | "
                         f"{times(change, 'after', 'median', 'p99', 'max')} |")
        last = data["rows"][-1]
        greeted = last["register"]["seconds"] + last["poll"]["seconds"]
        return "\n".join(lines) + "\n\n" + (
            f"A controller that knows {data['hosts']:,} hosts with a session each; {data['rate']} changes of sessions a second.  "
            f"A rule that all {last['agents']:,} agents have is live at the last of them "
            f"{times(last['rule'], 'live', 'median', 'max', by=' (')} at most) after it is asked for.  "
            f"All {last['agents']:,} agents, coming at once, are known and have their first plan within {greeted:.1f} s, "
            "their TLS greetings included.")


def share(figures):
    return f"{figures['cpu'] * 100:.1f} %"


def times(figures, what, *which, by=" | "):
    if what not in figures:
        return by.join("–" for _ in which)
    return by.join(f"{figures[what][name] / 1000:.3g} ms" for name in which)
