import assert from "node:assert/strict";
import {test} from "node:test";
import type {Session} from "./sessions";
import {createParameters, freeNumber, modifyParameters, textsOf} from "./session-settings";

const session: Session = {
	trafficMirrorSessionId: "tms-1",
	trafficMirrorTargetId: "tmt-1",
	trafficMirrorFilterId: "tmf-1",
	networkInterfaceId: "eni-1",
	ownerId: "1",
	packetLength: "128",
	sessionNumber: "1",
	virtualNetworkId: "77",
	extension: {
		packetSampling: "0",
		flowSampling: "10",
		maxBitsPerSecond: "0",
		maxPacketsPerSecond: "0",
		priority: "2",
		paused: "false",
		continue: "true",
		encapsulation: "geneve",
		outerDscp: "0",
		outerDestinationPort: "0",
	},
};

test("a session cloned is asked for with what is not a default", () => {
	assert.deepEqual(createParameters(textsOf(session)), {
		NetworkInterfaceId: "eni-1",
		TrafficMirrorTargetId: "tmt-1",
		TrafficMirrorFilterId: "tmf-1",
		SessionNumber: "1",
		VirtualNetworkId: "77",
		PacketLength: "128",
		"Extension.FlowSampling": "10",
		"Extension.Priority": "2",
		"Extension.Continue": "true",
		"Extension.Encapsulation": "geneve",
	});
});

test("what stays the same is not sent", () => {
	assert.deepEqual(modifyParameters(textsOf(session), textsOf(session)), {});
});

test("what is emptied is removed, or given its default", () => {
	const before = textsOf(session);
	const after = {
		...before,
		packetLength: "",
		flowSampling: "",
		encapsulation: "",
		number: "5",
	};
	assert.deepEqual(modifyParameters(before, after), {
		SessionNumber: "5",
		RemoveField: ["packet-length"],
		"Extension.FlowSampling": "0",
		"Extension.Encapsulation": "vxlan",
	});
});

test("the first number that the source's own sessions leave free", () => {
	const others = ["1", "2", "4"].map((sessionNumber) => ({...session, sessionNumber}));
	assert.equal(freeNumber("eni-1", others), "3");
	assert.equal(freeNumber("eni-2", others), "1");
});
