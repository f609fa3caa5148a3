"""What daemons hold and what lies in the kernel, before and after a soak."""
import json
import pathlib
import statistics
import subprocess

from stage import run

MEMORY_SLACK = 4 << 20


class Leaks:
    """What both daemons hold, and what lies in the kernel."""

    def __init__(self, stage):
        self.stage = stage
        self.memory = {"agent": [], "controller": []}

    def alone(self):
        """Whether no other agent runs, whose maps and programs would be counted too."""
        return len(subprocess.run(["pgrep", "-x", "tmirror-agent"], capture_output=True, text=True).stdout.split()) == 1

    def sample(self):
        for name, process in (("agent", self.stage.agent), ("controller", self.stage.controller)):
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            self.memory[name].append(next(int(line.split()[1]) << 10 for line in status.splitlines() if "VmRSS" in line))

    def objects(self):
        """Counts that must be the same whenever the same is mirrored."""
        counts = {"descriptors of the agent": len(list(pathlib.Path(f"/proc/{self.stage.agent.pid}/fd").iterdir())),
                  "threads of the agent": len(list(pathlib.Path(f"/proc/{self.stage.agent.pid}/task").iterdir())),
                  "pins": sum(1 for _ in self.stage.pins.rglob("*"))}
        if self.alone():
            for kind in ("prog", "map", "link"):
                counts[f"{kind}s"] = len(json.loads(run("bpftool", kind, "show", "-j")))
        return counts

    def grown(self):
        """Memory after the first third, as sentences where it grew."""
        for name, sizes in self.memory.items():
            rest = sizes[len(sizes) // 3:]
            fifth = max(len(rest) // 5, 1)
            early, late = statistics.median(rest[:fifth]), statistics.median(rest[-fifth:])
            print(f"  memory of the {name}: {early / 2**20:.1f} MiB early, {late / 2**20:.1f} MiB late")
            if late > early + max(MEMORY_SLACK, early * 0.05):
                yield f"the {name}'s memory grew from {early} to {late} bytes"
