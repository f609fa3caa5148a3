/* The code of a one-time link, of what stands behind the # of an address.  One that was cut in the middle is left as it is,
 * so that the controller can say that it knows no such link. */
export function linkCodeOf(hash: string): string | undefined {
	const code = /^#sign-in=(.+)$/.exec(hash)?.[1];
	try {
		return code && decodeURIComponent(code);
	} catch {
		return code;
	}
}
