/* What all clients of AWS's SDK have in common: the controller they were loaded from, the keys of who is signed in, and
 * refusals told as Problems.
 *
 * A client is made when first asked for and again after another sign-in.  Each service has a file of its own beside this
 * one, so that a page loads the code of those services only that it speaks with. */
import type {MiddlewareStack} from "@smithy/types";
import {getSignedIn, watchSignedIn} from "./keys";
import {problemOf, refusal, unreachable} from "./problem";

interface Configuration {
	endpoint: string;
	region: string;
	credentials: {accessKeyId: string; secretAccessKey: string; sessionToken?: string};
}

interface Client {
	// Each client's commands have types of their own, of which nothing here depends.
	middlewareStack: MiddlewareStack<any, any>;
}

/* Of one service: () => its client. */
export function sdkClient<C extends Client>(make: (configuration: Configuration) => C): () => C {
	let client: C | undefined;
	watchSignedIn(() => (client = undefined));
	return () => (client ??= tellProblems(make(configuration())));
}

function configuration(): Configuration {
	const keys = getSignedIn()?.keys;
	if (!keys) throw refusal("AuthFailure", "Nobody is signed in.", "");
	const {region, ...credentials} = keys;
	return {endpoint: location.origin, region, credentials};
}

function tellProblems<C extends Client>(client: C): C {
	// Next to the network, so what fails here is not how an answer is read but that none came.
	client.middlewareStack.add(
		(next, context) => async (request) => {
			try {
				return await next(request);
			} catch (error) {
				if (error instanceof Error && error.name === "AbortError")
					throw error;
				throw unreachable(actionOf(context));
			}
		},
		{step: "deserialize", priority: "low"},
	);
	client.middlewareStack.add(
		(next, context) => async (request) => {
			try {
				return await next(request);
			} catch (error) {
				throw problemOf(error, actionOf(context));
			}
		},
		{step: "initialize", priority: "high"},
	);
	return client;
}

function actionOf({commandName = ""}: {commandName?: string}): string {
	return commandName.replace(/Command$/, "");
}
