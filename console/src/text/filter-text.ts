/* A table's filter as one line of an address, so that it can be shared and survives a reload:
 *
 *	and~state:!=:active~~:::eth0        both: state is not active; "eth0" in any column
 *
 * Parts are parted by ~, and of a part property, operator and value by a colon; both signs are escaped inside. */

export interface FilterToken {
	propertyKey?: string;
	operator: string;
	value: string;
}

export interface FilterQuery {
	operation: "and" | "or";
	tokens: FilterToken[];
}

export function writeFilter({operation, tokens}: FilterQuery): string {
	if (tokens.length === 0) return "";
	const parts = tokens.map(({propertyKey, operator, value}) =>
		[propertyKey ?? "", operator, String(value)].map(escape).join(":"),
	);
	return [operation, ...parts].join("~");
}

export function readFilter(text: string): FilterQuery {
	const [operation, ...parts] = text.split("~");
	return {
		operation: operation === "or" ? "or" : "and",
		tokens: parts.flatMap(readToken),
	};
}

function readToken(part: string): FilterToken[] {
	const fields = part.split(":").map(unescape);
	if (fields.length !== 3) return [];
	const [propertyKey, operator, value] = fields as [string, string, string];
	return [{...(propertyKey && {propertyKey}), operator, value}];
}

function escape(text: string): string {
	return text.replace(/[%~:]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function unescape(text: string): string {
	return text.replace(/%(25|7e|3a)/g, (_, code: string) =>
		String.fromCharCode(parseInt(code, 16)),
	);
}
