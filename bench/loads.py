"""What is sent from client to web while somebody mirrors web.

A load returns what production got done: 'units' in 'elapsed' seconds, the sender's CPU time, and what of it a sensor can be
expected to see.  A unit is a packet, a segment of 1,448 bytes, or a transaction.
"""
import dataclasses
import math
import statistics

from stage import ANSWER_PORT, FLOWS, PORT, PROBE_PORT, STREAM_PORT, WEB

SEGMENT = 1448
PROBES = 1000  # Stamped datagrams a second beside a TCP load, to measure the latency of copies.


@dataclasses.dataclass
class Done:
    units: float
    elapsed: float
    cpu: float = None      # Seconds of the sending process.
    stamped: float = 0     # Datagrams that all carry a stamp; 'first' of them belong to the first flow.
    first: float = 0
    streamed: float = 0    # Bytes of TCP payload, from client to web and back.
    latency: dict = None   # Of production itself: median and p99 of a transaction, in seconds.


class Load:
    key, title, unit, scale = None, None, None, 1  # Rates are shown divided by 'scale', in 'unit'.
    stretch = 1                                    # Its rounds last so many times as long as others.

    def run(self, stage, seconds):
        raise NotImplementedError


class Datagrams(Load):
    """64 to 1,518 bytes are sizes of Ethernet frames with FCS: 46 bytes more than the payload."""
    unit, scale = "Mpacket/s", 1e6

    def __init__(self, key, title, sizes, rate=0):
        self.key, self.title, self.sizes, self.rate = key, title, sizes, rate

    def run(self, stage, seconds):
        before = stage.arrived()
        counted = stage.load("udp", WEB, PORT, FLOWS, self.sizes, seconds, self.rate)
        units = stage.arrived() - before
        return Done(units, counted["elapsed"] / 1e9, counted["cpu"] / 1e9, stamped=units,
                    first=math.ceil(units / FLOWS))


class Beside(Load):
    """A TCP load with stamped datagrams beside it."""

    def run(self, stage, seconds):
        probes = stage.load_start("udp", WEB, PROBE_PORT, 1, 18, seconds, PROBES)
        try:
            done = self.transfer(stage, seconds)
        finally:
            probes.wait(30)
        done.stamped = PROBES * seconds
        return done


class Bulk(Beside):
    """A transfer needs a while to find its rate, and a mirror to see what it is: a short round would measure the beginning."""
    unit, scale = "Gbit/s", 1e9 / (8 * SEGMENT)
    stretch = 3

    def __init__(self, key, title, share=None):
        self.key, self.title, self.share = key, title, share

    def transfer(self, stage, seconds):
        rate = stage.saturation * self.share if self.share else 0
        counted = stage.load("stream", WEB, STREAM_PORT, seconds, int(rate))
        data = counted["bytes"] - counted["queued"]
        return Done(data / SEGMENT, counted["elapsed"] / 1e9, counted["cpu"] / 1e9, streamed=counted["bytes"])


class Transactions(Beside):
    unit, scale = "thousand/s", 1e3

    def __init__(self, key, title, mode):
        self.key, self.title, self.mode = key, title, mode

    def transfer(self, stage, seconds):
        counted = stage.load(self.mode, WEB, ANSWER_PORT, seconds)
        units = counted["transactions"]
        return Done(units, seconds, counted["cpu"] / 1e9, streamed=2 * units,
                    latency={"median": counted["median"] / 1e9, "p99": counted["p99"] / 1e9})


def all_loads():
    return [
        Datagrams("udp64", "64 B UDP, full rate", "18"),
        Datagrams("imix", "IMIX UDP, full rate", "18*7,548*4,1472*1"),
        Datagrams("udp1400", "1,400 B UDP, full rate", "1400"),
        Datagrams("trickle", "64 B UDP, 1,000/s", "18", PROBES),
        Bulk("bulk", "bulk TCP, full rate"),
        Bulk("quarter", "bulk TCP, a quarter", 0.25),
        Transactions("request", "TCP request/response", "request"),
        Transactions("connect", "TCP connections", "connect"),
    ]


def saturation(stage):
    """Bits a second of bulk TCP without mirroring: the median of three, as the figures of the loads are."""
    runs = [stage.load("stream", WEB, STREAM_PORT, 1, 0) for _ in range(3)]
    return statistics.median((run["bytes"] - run["queued"]) * 8e9 / run["elapsed"] for run in runs)
