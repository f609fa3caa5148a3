"""Production that knows what of it must arrive (bench/load_check.c), for the soak."""
import json
import signal
import subprocess
import time

from stage import LOAD, WEB, wait_for

CLIENT = "10.9.1.2"


class Traffic:
    """Production that proves itself, client to web and back, and a load beside it that nobody checks."""

    def __init__(self, stage, seconds):
        self.stage = stage
        self.sinks, self.senders = {}, {}
        for name, kind, here, there, address, port, rate in (
                ("datagrams to web", "udp", stage.client, stage.web, WEB, 4400, 4000),
                ("datagrams from web", "udp", stage.web, stage.client, CLIENT, 4401, 1000),
                ("stream to web", "tcp", stage.client, stage.web, WEB, 4402, 2e8),
                ("stream from web", "tcp", stage.web, stage.client, CLIENT, 4403, 5e7)):
            self.sinks[name] = self.start(there, f"check-{kind}-sink", port)
            if kind == "tcp":
                wait_for("the sink listens", lambda n=there, p=port: f":{p}" in n.run("ss", "-ltn"))
            else:
                wait_for("the sink is bound", lambda n=there, p=port: f":{p}" in n.run("ss", "-lun"))
            self.senders[name] = self.start(here, f"check-{kind}", address, port, seconds + 600, int(rate))
        self.beside = self.start(stage.client, "udp", WEB, 4000, 100, "18*7,548*4,1472*1", seconds + 600, 10000)

    def start(self, namespace, *words):
        process = namespace.start(LOAD, *words, stdout=subprocess.PIPE, text=True)
        self.stage.processes.append(process)
        return process

    def stop(self):
        """Returns what was wrong with production, as sentences."""
        self.beside.kill()
        sent = {name: finish(process) for name, process in self.senders.items()}
        time.sleep(0.5)  # What is in a socket's queue is read.
        got = {name: finish(process) for name, process in self.sinks.items()}
        for name in sent:
            print(f"  {name}: sent {sent[name]}, arrived {got[name]}")
            if sent[name].get("packets") != got[name].get("received"):
                yield f"{name}: {sent[name]['packets']} sent, {got[name]['received']} received"
            if sent[name].get("bytes") != got[name].get("bytes"):
                yield f"{name}: {sent[name]['bytes']} bytes sent, {got[name]['bytes']} received"
            if got[name]["changed"] or got[name].get("repeated"):
                yield f"{name}: {got[name]}"


def finish(process):
    process.send_signal(signal.SIGTERM)
    return json.loads(process.communicate(timeout=20)[0])
