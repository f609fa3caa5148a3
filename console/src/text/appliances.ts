/* Appliances as people type them: one a line, an address or an instance, and behind ':' a port. */
import {parseAddress} from "./cidr";

export interface Appliance {
	Id: string;
	Port?: string;
}

export function readAppliances(
	text: string,
	addresses: boolean,
): {members: Appliance[]; fault?: string} {
	const words = text.split(/[\s,]+/).filter(Boolean);
	const members = words.map((word) => splitAppliance(word));
	const wrong = words.find((_, i) => !isAppliance(members[i]!, addresses));
	if (wrong === undefined) return {members};
	return {
		members,
		fault: `${wrong} is ${addresses ? "no address" : "no instance's id"}, or its port is none.`,
	};
}

/* An IPv6 address with a port stands in brackets. */
function splitAppliance(word: string): Appliance {
	const [, Id, Port] =
		/^\[(.*)\](?::(.*))?$/.exec(word) ?? /^([^:]*)(?::([^:]*))?$/.exec(word) ?? [];
	return Id === undefined ? {Id: word} : {Id, Port};
}

function isAppliance({Id, Port}: Appliance, addresses: boolean): boolean {
	if (Port !== undefined && !(/^\d+$/.test(Port) && +Port >= 1 && +Port <= 65_535))
		return false;
	return addresses ? parseAddress(Id) !== undefined : /^i-[0-9a-f]+$/.test(Id);
}
