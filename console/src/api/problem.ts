/* What went wrong with a request, in the few kinds that pages treat differently.
 *
 * Every door of the API has its own names for the same refusal (EC2's UnauthorizedOperation is IAM's AccessDenied), so
 * the one hard thing is to read them here once and nowhere else. */

export type ProblemKind =
	| "forbidden" // The policy of who is signed in says no.
	| "signed-out" // The keys are wrong, gone or too old.
	| "offline" // No answer came at all.
	| "busy" // Too many requests, or the controller has no room now.
	| "missing" // There is no such object.
	| "refused"; // Anything else, said by the message.

export class Problem extends Error {
	constructor(
		readonly kind: ProblemKind,
		readonly code: string,
		message: string,
		readonly action: string,
	) {
		super(message);
		this.name = "Problem";
	}
}

const kinds: [pattern: RegExp, kind: ProblemKind][] = [
	[/^(UnauthorizedOperation|AccessDenied(Exception)?)$/, "forbidden"],
	[/^(AuthFailure|RequestExpired|ExpiredToken(Exception)?)$/, "signed-out"],
	[/^(InvalidClientTokenId|SignatureDoesNotMatch)$/, "signed-out"],
	[/^(UnrecognizedClient|InvalidSignature)Exception$/, "signed-out"],
	[/^(RequestLimitExceeded|Throttling(Exception)?|Unavailable|ServiceUnavailable)$/, "busy"],
	[/NotFound(Exception)?$|^NoSuchEntity$|NoFound$/, "missing"],
];

export function refusal(code: string, message: string, action: string): Problem {
	const kind = kinds.find(([pattern]) => pattern.test(code))?.[1] ?? "refused";
	return new Problem(kind, code, message, action);
}

export function unreachable(action: string): Problem {
	return new Problem("offline", "Unreachable", "The controller does not answer.", action);
}

/* Whatever was thrown, by our own client, by the AWS SDK or by the browser. */
export function problemOf(thrown: unknown, action: string): Problem {
	if (thrown instanceof Problem) return thrown;
	if (!(thrown instanceof Error)) return refusal("Unknown", String(thrown), action);
	if ("$metadata" in thrown && hasStatus(thrown.$metadata))
		return refusal(thrown.name, thrown.message, action);
	// Who asked tells by himself that no answer came; anything else is a mistake of ours while one was read.
	return refusal(thrown.name, `The answer could not be read: ${thrown.message}`, action);
}

function hasStatus(metadata: unknown): boolean {
	return typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata;
}
