"""Clients that change the site, and remember what they were told.

What a client knows is a state for each thing: what the store must hold about it.  While a request is on its way there are
two that are right, the one before and the one after; an answer settles it.  A thing is looked at as a whole, with its tags
and its rules, so a change that is there by half is none of the two."""
import random
import threading

import requests
from controller import element

HOST = "web-1"
DEVICES = ["tap0", "tap1", "tap2"]


class Unclear(Exception):
    """No answer: who knows whether it was done."""


class Facts:
    def __init__(self):
        self.lock = threading.Lock()
        self.right = {}          # Thing: the states that are right.
        self.unclear_made = 0    # Creations without an answer.
        self.confirmed = 0
        self.plans = 0           # How many of the changes made another plan.

    def settle(self, thing, state):
        with self.lock:
            self.right[thing] = [state]
            self.confirmed += 1

    def known(self, thing):
        return self.right[thing][0]

    def begin(self, thing, after):
        with self.lock:
            self.right[thing] = [self.right[thing][0], after]


def filter_state(description, tags, rules=()):
    return ("filter", description, tuple(sorted(tags.items())), tuple(sorted(rules)))


def session_state(description, tags, number):
    return ("session", description, tuple(sorted(tags.items())), number)


def states_of(database):
    """All things in the store, in the words of those who wrote them."""
    tags, rules, states = {}, {}, {}
    for resource, key, value in database.execute("SELECT resource, key, value FROM tags"):
        tags.setdefault(resource, {})[key] = value
    for owner, number, description in database.execute("SELECT filter, number, description FROM rules"):
        rules.setdefault(owner, []).append((number, description))
    for identity, description in database.execute("SELECT id, description FROM filters"):
        states[identity] = filter_state(description, tags.get(identity, {}), rules.get(identity, []))
    for identity, description, number in database.execute("SELECT id, description, number FROM sessions"):
        states[identity] = session_state(description, tags.get(identity, {}), number)
    for name, applied in database.execute("SELECT name, applied_revision FROM hosts"):
        states[name] = ("host", applied)
    return states


def judge(facts, database):
    """Nothing confirmed is missing, nothing unconfirmed is there by half; settles what was open."""
    states = states_of(database)
    for thing, right in facts.right.items():
        assert states.get(thing) in right, f"{thing} is {states.get(thing)}, and should be one of {right}"
        facts.right[thing] = [states.get(thing)]
    facts.right = {thing: right for thing, right in facts.right.items() if right != [None]}
    made = [thing for thing in states if thing not in facts.right]
    assert len(made) <= facts.unclear_made, f"{made} were asked for by nobody"
    for thing in made:
        kind, description, tags = states[thing][:3]
        assert tags == tuple((key, description) for key in ("first", "second")), f"{thing} is there by half: {states[thing]}"
        assert kind != "filter" or states[thing][3] == ()
        facts.right[thing] = [states[thing]]
    facts.unclear_made = 0


class Site:
    """What the writers share: a host with sources, and a target."""

    def __init__(self, controller):
        interfaces = [("eth0", "host", ["10.0.0.1"])] + [(device, "guest", []) for device in DEVICES]
        assert controller.report(HOST, interfaces).status_code == 204
        client = controller.client()
        self.sources = {tag["Value"]: found["NetworkInterfaceId"] for found in
                        client.describe_network_interfaces()["NetworkInterfaces"]
                        for tag in found["TagSet"] if tag["Key"] == "tmirror:device"}
        subnet = client.describe_subnets()["Subnets"][0]["SubnetId"]
        appliance = client.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
        self.target = client.create_traffic_mirror_target(
            NetworkInterfaceId=appliance["NetworkInterfaceId"])["TrafficMirrorTarget"]["TrafficMirrorTargetId"]


class Writer(threading.Thread):
    """Makes things, changes them and deletes them on a source of its own, until no answer comes."""

    def __init__(self, controller, site, facts, device, seed):
        super().__init__()
        self.controller, self.site, self.facts, self.device = controller, site, facts, device
        self.random, self.error = random.Random(seed), None
        self.name_ = f"{device}-{seed}"
        self.count = 0

    def run(self):
        try:
            self.clear()
            while True:
                self.turn()
        except Unclear:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def clear(self):
        """Takes away the sessions that a kill has let live: there may be three on a source."""
        with self.facts.lock:
            mine = [thing for thing, (state, *_) in self.facts.right.items()
                    if state and state[0] == "session" and state[1].startswith(self.device + "-")]
        for session in mine:
            self.change(session, None, "DeleteTrafficMirrorSession", TrafficMirrorSessionId=session)

    def ask(self, action, **parameters):
        try:
            answer = self.controller.query(action, **parameters)
        except (requests.RequestException, KeyError) as error:
            raise Unclear from error
        assert answer.status_code == 200, answer.text
        return answer.text

    def label(self):
        self.count += 1
        return f"{self.name_}-{self.count}"

    def make(self, action, identity, state, label, **parameters):
        tags = {f"TagSpecification.1.Tag.{n}.{part}": value for n, key in ((1, "first"), (2, "second"))
                for part, value in (("Key", key), ("Value", label))}
        with self.facts.lock:
            self.facts.unclear_made += 1
        text = self.ask(action, Description=label, ClientToken=label, **tags, **parameters)
        with self.facts.lock:
            self.facts.unclear_made -= 1
            self.facts.right[element(text, identity)] = [state]
            self.facts.confirmed += 1
        return element(text, identity)

    def change(self, thing, after, action, **parameters):
        self.facts.begin(thing, after)
        self.ask(action, **parameters)
        self.facts.settle(thing, after)

    def turn(self):
        label = self.label()
        tags = {"first": label, "second": label}
        filter_id = self.make("CreateTrafficMirrorFilter", "trafficMirrorFilterId", filter_state(label, tags), label,
                              **{"TagSpecification.1.ResourceType": "traffic-mirror-filter"})
        rules = []
        for number in (1, 2):
            rules.append((number, label))
            self.change(filter_id, filter_state(label, tags, rules), "CreateTrafficMirrorFilterRule",
                        TrafficMirrorFilterId=filter_id, TrafficDirection="ingress", RuleNumber=number, RuleAction="accept",
                        SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="10.0.0.0/8", Description=label)
        number = self.random.randint(1, 1000)
        session = self.make("CreateTrafficMirrorSession", "trafficMirrorSessionId", session_state(label, tags, number), label,
                            NetworkInterfaceId=self.site.sources[self.device], TrafficMirrorTargetId=self.site.target,
                            TrafficMirrorFilterId=filter_id, SessionNumber=number,
                            **{"TagSpecification.1.ResourceType": "traffic-mirror-session"})
        self.facts.plans += 1
        other = self.label()
        self.change(session, session_state(other, tags, number + 1), "ModifyTrafficMirrorSession",
                    TrafficMirrorSessionId=session, Description=other, SessionNumber=number + 1)
        self.change(filter_id, filter_state(label, {"first": other, "second": other, "third": other}, rules), "CreateTags",
                    **{"ResourceId.1": filter_id}, **{f"Tag.{n}.{part}": value for n, key in
                                                      enumerate(("first", "second", "third"), 1)
                                                      for part, value in (("Key", key), ("Value", other))})
        self.change(session, None, "DeleteTrafficMirrorSession", TrafficMirrorSessionId=session)
        if self.random.random() < 0.8:
            self.change(filter_id, None, "DeleteTrafficMirrorFilter", TrafficMirrorFilterId=filter_id)


class Reporter(Writer):
    """An agent: says which revision it runs, higher each time."""

    def clear(self):
        pass

    def turn(self):
        applied = self.facts.known(HOST)[1] + 1
        self.facts.begin(HOST, ("host", applied))
        try:
            answer = self.controller.report(HOST, revision=applied)
        except (requests.RequestException, KeyError) as error:
            raise Unclear from error
        assert answer.status_code == 204, answer.text
        self.facts.settle(HOST, ("host", applied))
